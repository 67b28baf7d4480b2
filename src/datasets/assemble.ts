// The last steps of every format: class order, masks, what is missing, and the error where nothing is left.
import { dirname, join } from 'node:path';
import { findMasks } from '../data/masks.ts';
import { matchPaths } from '../data/match.ts';
import { GradcamError } from '../lib/errors.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { byCodePoint, countClasses, fitClasses, type Dataset, type DatasetItem, type DatasetSpec } from './dataset.ts';
import type { SkippedItem, SplitName } from './dataset.ts';
import { maskOwner } from './pictures.ts';

/** A picture whose labels are still names. */
export interface NamedItem {
  readonly id: string;
  readonly path: string;
  /** One name; any number in a multi-label dataset. */
  readonly names: readonly string[];
  readonly group: string | null;
  readonly split: SplitName | null;
  readonly mask?: string | null;
}

export interface Findings {
  readonly id: string;
  readonly title: string;
  readonly items: readonly NamedItem[];
  /** Class order of the format; null: the names that occur, in order of code points. */
  readonly classes: readonly string[] | null;
  readonly multiLabel: boolean;
  readonly licence?: string;
  readonly citation?: string;
  /** Pictures that are masks by name. */
  readonly masks: readonly string[];
  readonly skipped: readonly SkippedItem[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  /** What was looked for, for the error where no item is left. */
  readonly expected: string;
}

/**
 * Names become indices, in the order that `spec.classes`, the format or the code points give; masks are looked for.
 * Throws GradcamError `no-items` where no picture with a label is left, `classes-do-not-fit` where `spec.classes` lacks one.
 */
export async function assembleDataset(findings: Findings, spec: DatasetSpec): Promise<Dataset> {
  if (findings.items.length === 0) throw noItems(findings, spec.root);
  const occurring = [...new Set(findings.items.flatMap(({ names }) => names))].sort(byCodePoint);
  const classes = findings.classes ?? occurring;
  const places = new Map(classes.map((name, index) => [name, index]));
  const masks = await masksOf(findings, spec);
  const items = findings.items.map((item): DatasetItem => {
    const indices = item.names.map((name) => places.get(name)!);
    const { id, path, group, split } = item;
    const labels = findings.multiLabel ? classes.map((_, index) => (indices.includes(index) ? 1 : 0)) : null;
    return { id, path, label: labels === null ? indices[0]! : -1, labels, group, split, mask: masks.get(id) ?? null };
  });
  const dataset: Dataset = {
    id: findings.id,
    title: findings.title,
    root: spec.root,
    classes,
    items,
    multiLabel: findings.multiLabel,
    synthetic: false,
    licence: findings.licence ?? null,
    citation: findings.citation ?? null,
    skipped: findings.skipped,
    warnings: findings.warnings,
    notes: findings.notes,
  };
  const fitted = spec.classes === undefined ? dataset : fitClasses(dataset, spec.classes, 'the list of classes given');
  return { ...fitted, warnings: [...fitted.warnings, ...emptyClasses(fitted)] };
}

/** Counts, names the first few: `3 labels without a picture, left out: a, b, c.` Nothing for none. */
export function leftOut(names: readonly string[], noun: string, without: string, plural = `${noun}s`): string[] {
  if (names.length === 0) return [];
  return [`${formatCount(names.length, noun, plural)} ${without}, left out: ${formatList(names)}.`];
}

async function masksOf({ items, masks }: Findings, spec: DatasetSpec): Promise<Map<string, string>> {
  const samples = items.map(({ id, path }) => ({ id, path, dir: id }));
  if (spec.masks !== undefined) {
    const list = { samples, skipped: [], notes: [], folders: [spec.root] };
    return new Map((await findMasks(list, spec.masks)).masks);
  }
  // A mask stands under the name of its picture; the one in the nearest folder is taken, `_segmentation` before others.
  const entries = masks.map((file) => ({ path: join(dirname(file), maskOwner(file)), file }));
  const found = [...matchPaths(samples, entries).bySample].map(([{ id }, chosen]) => {
    const best = chosen.find(({ file }) => /_segmentation\.[^.]+$/i.test(file)) ?? chosen[0]!;
    return [id, best.file] as const;
  });
  const named = items.flatMap(({ id, mask }) => (typeof mask === 'string' ? [[id, mask] as const] : []));
  return new Map([...found, ...named]);
}

function emptyClasses({ classes, items }: Dataset): string[] {
  const counts = countClasses(items, classes.length);
  const empty = classes.filter((_, index) => counts[index] === 0);
  if (empty.length === 0) return [];
  return [`${formatCount(empty.length, 'class', 'classes')} without a picture: ${formatList(empty, 12)}.`];
}

function noItems({ expected, skipped, warnings }: Findings, root: string): GradcamError {
  const reasons = [...warnings, ...skipped.slice(0, 3).map(({ path, reason }) => `${path} (${reason})`)];
  return new GradcamError({
    code: 'no-items',
    what: `no picture with a label in ${root}`,
    expected,
    found: reasons.length === 0 ? 'none' : reasons.join('; '),
    hint: 'see docs/datasets.md for the layouts that are read',
  });
}
