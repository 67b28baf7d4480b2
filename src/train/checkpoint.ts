// What a run needs to go on: parameters, moments, running statistics, averages, and how far it is. One file, written beside the
// old one and put in its place when it is whole on the disk, so that a run killed at any instant keeps the one or the other.
//   bytes 0..7 `gradcam1`, 8..11 length of the JSON, then the JSON {meta, tensors: [name, shape][]}, the tensors as float32 in
//   that order, and SHA-256 over everything before it. Little-endian.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import { readWhole, systemCodeOf, fileError, writeFileDurably } from '../lib/files.ts';
import type { Snapshot } from './trainer.ts';

type Tensors = Snapshot['tensors'];

export interface Stored<Meta> {
  readonly meta: Meta;
  readonly tensors: Tensors;
}

/** Folder of a run's checkpoints. Its files have an ending that no model has. */
const checkpointFolder = (run: string): string => join(run, 'checkpoint');
export const lastFile = (run: string): string => join(checkpointFolder(run), 'last.state');
export const bestFile = (run: string): string => join(checkpointFolder(run), 'best.state');

const MAGIC = Buffer.from('gradcam1', 'latin1');
const HASH_BYTES = 32;

/** Throws GradcamError naming the file when the system refuses; the file that was there is whole then. */
export async function writeCheckpoint(file: string, meta: object, tensors: Tensors): Promise<void> {
  const entries = Object.entries(tensors);
  const head = Buffer.from(JSON.stringify({ meta, tensors: entries.map(([name, { shape }]) => [name, shape]) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const pieces: Uint8Array[] = [MAGIC, length, head];
  for (const [, { data }] of entries) pieces.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  await writeFileDurably(file, [...pieces, hash.digest()]);
}

/**
 * The checkpoint in `file`; null where there is none. Throws GradcamError `checkpoint-damaged` for anything but a whole one.
 * What `meta` holds is the caller's to check.
 */
export async function readCheckpoint(file: string): Promise<Stored<unknown> | null> {
  const bytes = await readWhole(file).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw fileError(error, file, 'read');
  });
  if (bytes === null) return null;
  const end = bytes.length - HASH_BYTES;
  const body = bytes.subarray(0, Math.max(0, end));
  const isWhole =
    end >= MAGIC.length + 4 &&
    MAGIC.equals(body.subarray(0, MAGIC.length)) &&
    createHash('sha256').update(body).digest().equals(bytes.subarray(end));
  if (!isWhole) throw damaged(file, `${bytes.length} bytes that do not fit their checksum`);
  const start = MAGIC.length + 4;
  const length = Buffer.from(body.buffer, body.byteOffset).readUInt32LE(MAGIC.length);
  const head = JSON.parse(Buffer.from(body.subarray(start, start + length)).toString('utf8')) as {
    meta: unknown;
    tensors: [string, number[]][];
  };
  let at = start + length;
  const tensors = head.tensors.map(([name, shape]) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const data = new Float32Array(body.slice(at, at + 4 * size).buffer);
    at += 4 * size;
    return [name, { dtype: 'float32' as const, shape, data }] as const;
  });
  return { meta: head.meta, tensors: Object.fromEntries(tensors) };
}

/** Takes away what a finished run no longer needs. */
export async function removeCheckpoints(run: string): Promise<void> {
  await rm(checkpointFolder(run), { recursive: true, force: true });
}

function damaged(file: string, found: string): GradcamError {
  return new GradcamError({
    code: 'checkpoint-damaged',
    what: `${file} is no whole checkpoint`,
    expected: 'a file that gradcam train wrote',
    found,
    hint: 'remove it, and the run starts anew',
  });
}
