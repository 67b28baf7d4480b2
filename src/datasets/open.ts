// `--dataset` and `--data` -> a dataset.
import { stat } from 'node:fs/promises';
import { GradcamError } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { unknownName } from '../lib/names.ts';
import type { Dataset, DatasetFormat, DatasetSpec } from './dataset.ts';
import { datasets } from './formats.ts';

/**
 * Opens a dataset by the id of its format, or by a format of the caller's own.
 * Throws GradcamError `unknown-dataset`, `data-not-found`, `no-items`, `classes-do-not-fit`, or what the format says.
 */
export async function openDataset(format: string | DatasetFormat, spec: DatasetSpec): Promise<Dataset> {
  const chosen = typeof format === 'string' ? requireFormat(format) : format;
  if (chosen.id !== 'demo') await requireRoot(spec.root); // the demo draws what is missing
  return chosen.open(spec);
}

function requireFormat(id: string): DatasetFormat {
  const table: Readonly<Record<string, DatasetFormat>> = datasets;
  if (Object.hasOwn(table, id)) return table[id]!;
  throw unknownName('dataset', id, Object.keys(table));
}

async function requireRoot(root: string): Promise<void> {
  await stat(root).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw fileError(error, root, 'read');
    throw new GradcamError({
      code: 'data-not-found',
      what: `there is nothing at ${root}`,
      expected: 'the folder of a dataset, or a table of labels',
      hint: `paths are relative to ${process.cwd()}`,
      cause: error,
    });
  });
}
