// What frozen layers make of every picture, computed once and kept on disk: runs that train only the layers behind them read
// it instead of pictures. Files are named after everything that they depend on, so nothing stale is ever read.
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batches } from '../datasets/batches.ts';
import type { DatasetItem, SkippedItem } from '../datasets/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { sizeOf } from '../graph/tensor.ts';
import type { PrepareSpec } from '../image/picture.ts';
import { fileError, systemCodeOf, writeFileAtomic } from '../lib/files.ts';
import { passFrozen, type FrozenLayers } from './source.ts';

export interface Features {
  /** Id of a picture -> its row. */
  readonly rows: ReadonlyMap<string, number>;
  readonly skipped: readonly SkippedItem[];
  /** The rows asked for, by input of the trained part. */
  read(rows: readonly number[]): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

export interface FeatureSpec {
  readonly folder: string;
  readonly frozen: FrozenLayers;
  /** The frozen part. */
  readonly graph: Graph;
  readonly prepare: PrepareSpec;
  readonly items: readonly DatasetItem[];
  /** Opens all items in order, unchanged. */
  readonly open: () => Batches;
  readonly onProgress: (done: number) => void;
}

interface Index {
  readonly ids: readonly string[];
  readonly skipped: readonly SkippedItem[];
}

/** Reads what is there, or computes it. Throws GradcamError where the disk is full or a file cannot be written. */
export async function openFeatures(spec: FeatureSpec): Promise<Features> {
  const base = join(spec.folder, await keyOf(spec));
  const [data, table] = [`${base}.f32`, `${base}.json`];
  const index = (await readIndex(table)) ?? (await compute(spec, data, table));
  const handle = await open(data, 'r').catch((error: unknown) => {
    throw fileError(error, data, 'read');
  });
  const sizes = spec.frozen.ports.map(({ name, type }) => ({ name, size: sizeOf((type.shape as number[]).slice(1)) }));
  const width = sizes.reduce((sum, { size }) => sum + size, 0);
  return {
    rows: new Map(index.ids.map((id, row) => [id, row])),
    skipped: index.skipped,
    async read(rows) {
      const found = Object.fromEntries(sizes.map(({ name, size }) => [name, new Float32Array(rows.length * size)]));
      const row = new Float32Array(width);
      for (const [place, number] of rows.entries()) {
        await handle.read(new Uint8Array(row.buffer), 0, row.byteLength, number * row.byteLength);
        let at = 0;
        for (const { name, size } of sizes) {
          found[name]!.set(row.subarray(at, at + size), place * size);
          at += size;
        }
      }
      return found;
    },
    close: () => handle.close(),
  };
}

/** Of the frozen layers with their weights, of how pictures are prepared, and of the pictures' files as they are now. */
async function keyOf({ graph, prepare, items }: FeatureSpec): Promise<string> {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([graph.nodes, prepare], (key, value: unknown) => (key === 'verbatim' ? undefined : value)),
  );
  for (const [name, { bytes }] of graph.constants) hash.update(name).update(bytes);
  for (const { id, path } of items) {
    const info = await stat(path).catch(() => null); // reading says what is wrong with it
    hash.update(JSON.stringify([id, path, info?.size, info?.mtimeMs]));
  }
  return hash.digest('hex').slice(0, 32);
}

async function readIndex(table: string): Promise<Index | null> {
  try {
    return JSON.parse(await readFile(table, 'utf8')) as Index;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The table is written last: without it the data counts as missing. */
async function compute(spec: FeatureSpec, data: string, table: string): Promise<Index> {
  const growing = `${data}.part`;
  await mkdir(spec.folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, spec.folder, 'write');
  });
  const batches = spec.open();
  const ids: string[] = [];
  try {
    const handle = await open(growing, 'w');
    try {
      for await (const batch of batches.epoch(0)) {
        const made = await passFrozen(spec.frozen, batch.images, batch.count);
        await writeRows(handle, spec.frozen, made, batch.count);
        ids.push(...batch.ids);
        spec.onProgress(batch.count);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(growing, data);
  } catch (error) {
    throw fileError(error, data, 'write');
  } finally {
    await batches.close();
  }
  const index = { ids, skipped: batches.skipped };
  await writeFileAtomic(table, JSON.stringify(index));
  return index;
}

/** Row by row, the ports one after the other. */
async function writeRows(
  handle: FileHandle,
  { ports }: FrozenLayers,
  made: Readonly<Record<string, Float32Array>>,
  count: number,
): Promise<void> {
  const pieces: Buffer[] = [];
  for (let row = 0; row < count; row++)
    for (const { name } of ports) {
      const values = made[name]!;
      const size = values.length / count;
      const part = values.subarray(row * size, (row + 1) * size);
      pieces.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    }
  await handle.appendFile(Buffer.concat(pieces));
}
