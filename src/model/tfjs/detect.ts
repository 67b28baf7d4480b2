// Tells the two kinds of TensorFlow.js model.json apart: by the first bytes where they say it, else by the keys of the whole.
import { readFile } from 'node:fs/promises';
import type { ModelSource } from '../format.ts';

export type TfjsKind = 'layers-model' | 'graph-model';

/** Whether the file is a model.json of this kind. A file that cannot be read or parsed is of none. */
export async function isTfjs({ file, head }: ModelSource, kind: TfjsKind): Promise<boolean> {
  const start = new TextDecoder().decode(head).trimStart();
  if (!start.startsWith('{')) return false;
  const format = /"format"\s*:\s*"(layers-model|graph-model)"/.exec(start)?.[1];
  if (format !== undefined) return format === kind;
  return (await kindOf(file)) === kind;
}

async function kindOf(file: string): Promise<TfjsKind | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    const json = JSON.parse(text) as { format?: unknown; modelTopology?: Record<string, unknown> };
    if (json.format === 'layers-model' || json.format === 'graph-model') return json.format;
    const topology = json.modelTopology;
    if (topology === undefined || topology === null) return null;
    if (Array.isArray(topology.node)) return 'graph-model';
    return 'model_config' in topology || 'class_name' in topology ? 'layers-model' : null;
  } catch {
    return null;
  }
}
