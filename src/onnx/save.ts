// A graph in, a model file on disk out, weights in a second file where one would pass protobuf's 2 GB.
// Apart from encode.ts, which never touches the disk.
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Graph } from '../graph/graph.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { type ExternalPlace, modelWriter, PROTOBUF_LIMIT } from './encode.ts';

/** Constants below this many bytes stay in the model: ONNX Runtime infers shapes from small ones. */
const EXTERNAL_FROM = 1024;
/** External tensors start on page borders, so that a runtime can map them into memory. */
const PAGE = 4096;

export interface SaveOptions {
  /** Largest model file in bytes before its weights go to `<file>.data`; default 2^31 - 1, what protobuf allows. */
  readonly limit?: number;
  /** Key-value pairs that travel with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes the graph as `file`, and `file + '.data'` where weights lie outside. Each file appears whole or not at all.
 * Throws a GradcamError when the folder cannot be written.
 */
export async function saveModel(graph: Graph, file: string, options: SaveOptions = {}): Promise<void> {
  const { metadata = {} } = options;
  const whole = modelWriter(graph, { metadata });
  if (whole.length <= (options.limit ?? PROTOBUF_LIMIT)) {
    await writeWhole(file, whole.pieces());
    return;
  }
  const external = new Map<string, ExternalPlace>();
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { bytes }] of graph.constants) {
    if (bytes.length < EXTERNAL_FROM) continue;
    external.set(name, { location: `${basename(file)}.data`, offset });
    const padding = -bytes.length & (PAGE - 1);
    pieces.push(bytes, new Uint8Array(padding));
    offset += bytes.length + padding;
  }
  await writeWhole(`${file}.data`, pieces);
  await writeWhole(file, modelWriter(graph, { external, metadata }).pieces());
}

/** Writes to a temporary name in the same folder, then renames. */
async function writeWhole(file: string, pieces: readonly Uint8Array[]): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const piece of pieces) await handle.writeFile(piece);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new GradcamError({
      code: 'write-failed',
      what: `Cannot write '${file}'.`,
      found: messageOf(error),
      cause: error,
    });
  }
}
