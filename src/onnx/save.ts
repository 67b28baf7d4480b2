// A graph in, a model file on disk out, weights in a second file where one would pass protobuf's 2 GB.
// Apart from encode.ts, which never touches the disk.
import { basename } from 'node:path';
import type { Graph } from '../graph/graph.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { EXTERNAL_FROM, type ExternalPlace, modelWriter, PROTOBUF_LIMIT } from './encode.ts';

/** External tensors start on page borders, so that a runtime can map them into memory. */
const PAGE = 4096;

export interface SaveOptions {
  /** Largest model file in bytes before its weights go to `<file>.data`; default 2^31 - 1, what protobuf allows. */
  readonly limit?: number;
  /** Key-value pairs that travel with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes the graph as `file`, and `file + '.data'` where weights lie outside. Each file appears whole or not at all,
 * missing folders are created. Throws a GradcamError that names the file where the system refuses.
 */
export async function saveModel(graph: Graph, file: string, options: SaveOptions = {}): Promise<void> {
  const { metadata = {} } = options;
  const whole = modelWriter(graph, { metadata });
  if (whole.length <= (options.limit ?? PROTOBUF_LIMIT)) {
    await writeFileAtomic(file, whole.pieces());
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
  await writeFileAtomic(`${file}.data`, pieces);
  await writeFileAtomic(file, modelWriter(graph, { external, metadata }).pieces());
}
