// Pictures that two datasets share: a model must not be tested on what it was trained on. HAM10000 lies inside ISIC 2019.
import { formatCount, formatList } from '../lib/format.ts';
import { pictureStem } from '../data/folders.ts';
import type { Dataset } from './dataset.ts';

/** What a model was trained on: a dataset, or only the id of its format. */
export type TrainedOn = Pick<Dataset, 'id'> & { readonly items?: readonly { readonly path: string }[] | undefined };

/** Formats that are known to contain pictures of each other. */
const RELATED = new Set(['ham10000', 'isic2019']);

/**
 * Sentences to warn with where pictures of `test` may be among those that `train` was made of; none where nothing is known.
 * With items pictures of the ISIC archive are compared by id, else the formats say it.
 */
export function overlapWarning(train: TrainedOn, test: Pick<Dataset, 'id' | 'items'>): string[] {
  if (train.items === undefined) {
    if (train.id === test.id || !RELATED.has(train.id) || !RELATED.has(test.id)) return [];
    return [`${train.id} and ${test.id} share pictures (HAM10000 is part of ISIC 2019): scores may be too good.`];
  }
  const shared = sharedItems(train.items, test.items);
  if (shared.length === 0) return [];
  const names = formatList(shared.map(({ id }) => id));
  const count = formatCount(shared.length, 'picture');
  return [`${count} of ${test.items.length} to test on are among those trained on: scores are too good (${names}).`];
}

/** `test` without the pictures that `train` has. */
export function withoutOverlap(train: Pick<Dataset, 'items'>, test: Dataset): Dataset {
  const shared = new Set(sharedItems(train.items, test.items));
  if (shared.size === 0) return test;
  const items = test.items.filter((item) => !shared.has(item));
  return {
    ...test,
    items,
    warnings: [...test.warnings, `${formatCount(shared.size, 'picture')} trained on, left out.`],
  };
}

function sharedItems<T extends { readonly path: string }>(
  train: readonly { readonly path: string }[],
  test: readonly T[],
): T[] {
  const known = new Set(train.map(({ path }) => archiveId(path)));
  return test.filter(({ path }) => archiveId(path) !== null && known.has(archiveId(path)));
}

/** `ISIC_0024306`, also of a `_downsampled` copy; null for names that say nothing outside their dataset. */
function archiveId(path: string): string | null {
  return /^ISIC_\d+/i.exec(pictureStem(path))?.[0].toUpperCase() ?? null;
}
