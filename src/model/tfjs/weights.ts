// The weights of a TensorFlow.js model.json: shards beside it, read into memory once, and arrays as constants, quantised ones
// expanded to what TensorFlow.js would compute with.
import { open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Constant } from '../../graph/graph.ts';
import { constantOf, float16ToNumber, sizeOf } from '../../graph/tensor.ts';
import { GradcamError } from '../../lib/errors.ts';
import { fileError, readInto, systemCodeOf } from '../../lib/files.ts';
import { leaves, liesWithin } from '../../lib/within.ts';

export interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  /** value = stored * scale + min; absent for float16. */
  readonly scale: number;
  readonly min: number;
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string';
  readonly quantization: Quantization | null;
}

/** Arrays that lie one after the other in the joined shards. */
export interface WeightGroup {
  readonly specs: readonly WeightSpec[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Weights {
  readonly groups: readonly WeightGroup[];
  /** Shards in the order they were read, absolute. */
  readonly files: readonly string[];
}

const ELEMENT_BYTES = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;
const MAX_BYTES = 2 ** 32;

/**
 * Reads every shard that `weightsManifest` of the model at `modelFile` names.
 * Throws GradcamError: `bad-manifest` for what is no manifest, `path-leaves-folder`, `missing-shard`, and `shard-length` where
 * the shards do not hold exactly the arrays.
 */
export async function readWeights(manifest: unknown, modelFile: string): Promise<Weights> {
  if (!Array.isArray(manifest)) throw badManifest(modelFile, 'a list weightsManifest', typeof manifest);
  const folder = await realpath(dirname(modelFile));
  const groups: WeightGroup[] = [];
  const files: string[] = [];
  for (const group of manifest as unknown[]) {
    const { paths, specs } = parseGroup(group, modelFile);
    const shards = await Promise.all(paths.map((path) => locate(path, folder, modelFile)));
    const bytes = await readJoined(shards, modelFile);
    checkLength(specs, bytes, { shards, modelFile });
    groups.push({ specs, bytes });
    files.push(...shards);
  }
  return { groups, files };
}

/** An array by name, expanded when it is asked for; float32 and int32 ones share memory with the shards. */
export interface StoredArray {
  readonly name: string;
  readonly read: () => Constant;
}

/** The arrays of all groups, in the order of the manifest; texts are left out. */
export function arraysOf({ groups }: Weights): StoredArray[] {
  return groups.flatMap(({ specs, bytes }) => {
    let offset = 0;
    return specs.flatMap((spec): StoredArray[] => {
      const length = bytesOf(spec, bytes, offset);
      const part = bytes.subarray(offset, (offset += length));
      if (spec.dtype === 'string') return [];
      return [{ name: spec.name, read: () => constantFrom(spec, part) }];
    });
  });
}

function constantFrom({ shape, dtype, quantization }: WeightSpec, bytes: Uint8Array<ArrayBuffer>): Constant {
  if (dtype === 'string' || quantization === null) return { dtype, shape, bytes };
  const stored = quantization.dtype === 'uint8' ? bytes : new Uint16Array(bytes.slice().buffer);
  const { scale, min } = quantization;
  if (quantization.dtype === 'float16') {
    const values = new Float32Array(stored.length);
    for (let i = 0; i < values.length; i++) values[i] = halves()[stored[i]!]!;
    return constantOf('float32', shape, values);
  }
  if (dtype === 'int32')
    return constantOf(
      'int32',
      shape,
      Int32Array.from(stored, (value) => Math.round(value * scale + min)),
    );
  const values = new Float32Array(stored.length);
  for (let i = 0; i < values.length; i++) values[i] = stored[i]! * scale + min;
  return constantOf('float32', shape, values);
}

let table: Float32Array | undefined;

/** Every half float by its bits: looked up, they expand ten times faster than computed. */
function halves(): Float32Array {
  return (table ??= Float32Array.from({ length: 65536 }, (_, bits) => float16ToNumber(bits)));
}

/** Bytes that an array takes from `offset` on; each text has its own length before it. */
function bytesOf({ shape, dtype, quantization }: WeightSpec, bytes: Uint8Array, offset: number): number {
  if (dtype !== 'string') return sizeOf(shape) * ELEMENT_BYTES[quantization?.dtype ?? dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = offset;
  for (let left = sizeOf(shape); left > 0 && at + 4 <= bytes.length; left--) at += 4 + view.getUint32(at, true);
  return at - offset;
}

function parseGroup(group: unknown, modelFile: string): { paths: string[]; specs: WeightSpec[] } {
  const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown };
  const named = Array.isArray(paths) && paths.every((path): path is string => typeof path === 'string');
  if (!named || !Array.isArray(weights))
    throw badManifest(modelFile, 'groups of paths and weights', JSON.stringify(group)?.slice(0, 80));
  return { paths, specs: weights.map((weight) => parseSpec(weight, modelFile)) };
}

function parseSpec(value: unknown, modelFile: string): WeightSpec {
  const { name, shape, dtype, quantization } = (value ?? {}) as Record<string, unknown>;
  const fine =
    typeof name === 'string' &&
    Array.isArray(shape) &&
    shape.every((dim) => Number.isSafeInteger(dim) && (dim as number) >= 0) &&
    (dtype === 'float32' || dtype === 'int32' || dtype === 'bool' || dtype === 'string');
  if (!fine)
    throw badManifest(
      modelFile,
      'weights with name, shape and dtype float32, int32 or bool',
      JSON.stringify(value)?.slice(0, 120),
    );
  return { name, shape: shape as number[], dtype, quantization: parseQuantization(quantization, name, modelFile) };
}

function parseQuantization(value: unknown, name: string, modelFile: string): Quantization | null {
  if (value === undefined || value === null) return null;
  const { dtype, scale = 1, min = 0 } = value as Record<string, unknown>;
  const known = dtype === 'uint8' || dtype === 'uint16' || dtype === 'float16';
  if (known && Number.isFinite(scale) && Number.isFinite(min))
    return { dtype, scale: scale as number, min: min as number };
  throw badManifest(
    modelFile,
    `quantization of ${name} to uint8, uint16 or float16 with scale and min`,
    JSON.stringify(value),
  );
}

/** The shard's real path, which must lie in the model's folder. */
async function locate(path: string, folder: string, modelFile: string): Promise<string> {
  const outside = (found: string): GradcamError =>
    new GradcamError({
      code: 'path-leaves-folder',
      what: `${modelFile} names a weight file outside its folder.`,
      expected: `a file in ${folder}`,
      found,
      hint: 'Put the weight files beside model.json.',
    });
  if (isAbsolute(path) || /^[a-z]+:/i.test(path) || leaves(normalize(path))) throw outside(path);
  const file = await realpath(join(folder, path)).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw fileError(error, join(folder, path), 'read');
    throw new GradcamError({
      code: 'missing-shard',
      what: `A weight file of ${modelFile} is missing.`,
      expected: join(folder, path),
      found: 'no such file',
      hint: 'Copy all files that the converter wrote, not model.json alone.',
      cause: error,
    });
  });
  if (!liesWithin(folder, file)) throw outside(file);
  return file;
}

async function readJoined(files: readonly string[], modelFile: string): Promise<Uint8Array<ArrayBuffer>> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > MAX_BYTES) throw shardLength(modelFile, `at most ${MAX_BYTES} bytes of weights`, `${total} bytes`);
  const bytes = new Uint8Array(total);
  let offset = 0;
  const places = sizes.map((size) => bytes.subarray(offset, (offset += size)));
  await Promise.all(files.map((file, index) => readShard(file, places[index]!, modelFile)));
  return bytes;
}

async function readShard(file: string, into: Uint8Array, modelFile: string): Promise<void> {
  const handle = await open(file).catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  try {
    const filled = await readInto(handle, into, 0).catch((error: unknown) => {
      throw fileError(error, file, 'read');
    });
    if (filled < into.length) throw shardLength(modelFile, `${file} to stay as it is`, 'a file that shrinks');
  } finally {
    await handle.close();
  }
}

function checkLength(
  specs: readonly WeightSpec[],
  bytes: Uint8Array,
  { shards, modelFile }: { shards: readonly string[]; modelFile: string },
): void {
  const expected = specs.reduce((offset, spec) => offset + bytesOf(spec, bytes, offset), 0);
  if (expected !== bytes.length)
    throw shardLength(
      modelFile,
      `${expected} bytes in ${shards.length} file(s) for ${specs.length} arrays`,
      `${bytes.length} bytes`,
    );
}

function shardLength(modelFile: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'shard-length',
    what: `The weight files of ${modelFile} do not hold its weights.`,
    expected,
    found,
    hint: 'A file may be truncated, or belong to another model: copy or convert it again.',
  });
}

function badManifest(modelFile: string, expected: string, found: string | undefined): GradcamError {
  return new GradcamError({
    code: 'bad-manifest',
    what: `${modelFile}: the list of weights cannot be read.`,
    expected,
    found: found ?? 'nothing',
  });
}
