// Rows of labels and pictures on disk put together: what has no partner, what is there twice, what contradicts itself.
import { formatList } from '../lib/format.ts';
import { leftOut } from './assemble.ts';
import type { SkippedItem, SplitName } from './dataset.ts';
import { matchPictures } from './match-pictures.ts';
import { idsOf } from './pictures.ts';

export interface LabelledRow {
  /** Path, file name or id of the picture. */
  readonly name: string;
  /** null: the row gives no label. */
  readonly names: readonly string[] | null;
  readonly group: string | null;
  readonly split: SplitName | null;
}

export interface JoinedItem<R> {
  readonly id: string;
  readonly path: string;
  readonly names: readonly string[];
  readonly group: string | null;
  readonly split: SplitName | null;
  readonly row: R;
}

export interface Joined<R> {
  readonly items: readonly JoinedItem<R>[];
  readonly skipped: readonly SkippedItem[];
  readonly warnings: readonly string[];
}

/**
 * Every picture with its row. Rows without picture or label and pictures without row are left out, counted and named.
 * Equal rows of one picture count once; of contradicting ones none, but in a multi-label dataset their labels add up.
 */
export function joinRows<R extends LabelledRow>(
  rows: readonly R[],
  pictures: readonly string[],
  folder: string,
  multiLabel: boolean,
): Joined<R> {
  const named = rows.filter(({ name }) => name !== '');
  const { pairs, without, unused } = matchPictures(named, pictures, folder);
  const byPath = new Map<string, R[]>();
  for (const { row, path } of pairs) {
    if (byPath.has(path)) byPath.get(path)!.push(row);
    else byPath.set(path, [row]);
  }
  const ids = idsOf([...byPath.keys()]);
  const items: JoinedItem<R>[] = [];
  const bare: string[] = [];
  const unclear: string[] = [];
  const repeated: string[] = [];
  for (const [at, [path, all]] of [...byPath].entries()) {
    const labelled = all.filter(({ names }) => names !== null);
    const sets = new Set(labelled.map(({ names }) => JSON.stringify([...names!].sort())));
    const [row] = labelled;
    if (row === undefined) bare.push(path);
    else if (sets.size > 1 && !multiLabel) unclear.push(path);
    else {
      if (labelled.length > 1 && sets.size === 1) repeated.push(path);
      const names = [...new Set(labelled.flatMap((one) => one.names!))];
      items.push({ id: ids[at]!, path, names, group: row.group, split: row.split, row });
    }
  }
  return {
    items,
    skipped: [
      ...without.map(({ name }) => ({ path: name, reason: 'a label without a picture' })),
      ...unused.map((path) => ({ path, reason: 'a picture without a label' })),
      ...bare.map((path) => ({ path, reason: 'its row gives no label' })),
      ...unclear.map((path) => ({ path, reason: 'its rows contradict each other' })),
    ],
    warnings: [
      ...leftOut(
        without.map(({ name }) => name),
        'label',
        'without a picture',
      ),
      ...leftOut(unused, 'picture', 'without a label'),
      ...leftOut(bare, 'picture', 'whose row gives no label'),
      ...leftOut(unclear, 'picture', 'with rows that contradict each other'),
      ...(repeated.length === 0
        ? []
        : [`${repeated.length} pictures have several equal rows, taken once: ${formatList(repeated)}.`]),
    ],
  };
}
