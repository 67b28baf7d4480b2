// Pictures, labels and masks, put together into the samples of a comparison.
import { findLabels } from './data/labels.ts';
import { findMasks } from './data/masks.ts';
import type { RunList } from './data/models.ts';
import { collectSamples, type Sample } from './data/samples.ts';
import type { OnProgress } from './events.ts';
import { readRunOf } from './model/load.ts';
import type { CompareOptions } from './options.ts';
import type { ReportSkipped } from './report/report.ts';

export interface GatheredSample extends Sample {
  readonly label: string | null;
  /** Path of its mask; null where there is none. */
  readonly mask: string | null;
}

export interface Gathered {
  readonly samples: readonly GatheredSample[];
  readonly skipped: readonly ReportSkipped[];
  /** Sentences for the report: where labels and masks come from, what has none. */
  readonly notes: readonly string[];
  readonly labelsFile: string | null;
  readonly masksFolder: string | null;
}

/** Throws GradcamError where a path, table or folder that was named cannot be read. */
export async function gatherSamples(
  { runs, notes }: RunList,
  options: CompareOptions,
  onProgress: OnProgress,
): Promise<Gathered> {
  const list = await collectSamples(options.images);
  const classes = await Promise.all(runs.map(async ({ path }) => (await readRunOf(path))?.classes ?? []));
  const labels = await findLabels(list, { file: options.labels, classes });
  const masks = await findMasks(list, options.masks);
  for (const file of list.skipped) onProgress({ kind: 'skipped', ...file });
  return {
    samples: list.samples.map((sample) => ({
      ...sample,
      label: labels.labels.get(sample.id) ?? null,
      mask: masks.masks.get(sample.id) ?? null,
    })),
    skipped: list.skipped,
    notes: [...notes, ...list.notes, ...labels.notes, ...masks.notes],
    labelsFile: labels.source,
    masksFolder: masks.source,
  };
}
