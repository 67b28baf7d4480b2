// The JSON that models are described in: parsed with an error that names the file, and the generation of Keras found.
import { GradcamError, messageOf } from '../../lib/errors.ts';
import { withReader } from '../reader.ts';
import { isFields } from './config.ts';
import type { Generation } from './topology.ts';

/** Larger descriptions than any network has would fill the memory when parsed. */
export const MAX_JSON_BYTES = 32 * 2 ** 20;

/** Reads and parses a model.json. Throws GradcamError `bad-json`, or for a file that cannot be read. */
export async function readModelJson(file: string): Promise<unknown> {
  return withReader(file, async (reader) => {
    if (reader.size > MAX_JSON_BYTES) throw tooLarge(file, reader.size);
    return parseModelJson(new TextDecoder().decode(await reader.read(0, reader.size)), file);
  });
}

/** Parses text. Throws GradcamError `bad-json`. */
export function parseModelJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GradcamError({
      code: 'bad-json',
      what: `${file}: the description of the model is not JSON.`,
      found: messageOf(error),
      hint: 'The file may be truncated: copy it again, or save the model again.',
      cause: error,
    });
  }
}

function tooLarge(file: string, size: number): GradcamError {
  return new GradcamError({
    code: 'bad-json',
    what: `${file}: the description of the model is too large.`,
    expected: `at most ${MAX_JSON_BYTES} bytes`,
    found: `${size} bytes`,
  });
}

/** From `keras_version` where the file has it, else from what only Keras 3 writes. */
export function generationOf(version: unknown, config: unknown): Generation {
  const major = typeof version === 'string' ? /^(\d+)\./.exec(version)?.[1] : undefined;
  if (major !== undefined) return Number(major) >= 3 ? 3 : 2;
  return hasKeras3Nodes(config) ? 3 : 2;
}

function hasKeras3Nodes(config: unknown): boolean {
  const inner = isFields(config) ? config.config : undefined;
  const layers: unknown = isFields(inner) ? inner.layers : undefined;
  if (!Array.isArray(layers)) return false;
  return layers.some((layer: unknown) => {
    if (!isFields(layer) || !isFields(layer.config)) return false;
    const nodes = layer.inbound_nodes;
    return (
      layer.config.batch_shape !== undefined || (Array.isArray(nodes) && nodes.some((node: unknown) => isFields(node)))
    );
  });
}
