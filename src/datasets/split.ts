// Training, validation and test: stratified by class, lesions and patients kept whole, the same for the same seed.
import { GradcamError } from '../lib/errors.ts';
import { formatCount, formatList } from '../lib/format.ts';
import { Random } from '../lib/random.ts';
import { countClasses, splitNames, type Dataset, type DatasetItem, type SplitName } from './dataset.ts';

/** How `splitDataset` divides what has no split yet. */
export interface SplitOptions {
  /** Shares of train, val and test; their sum is taken for the whole. Default 0.7, 0.15, 0.15. */
  readonly fractions?: readonly [number, number, number] | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** Items that stay together: one lesion or patient, or a single picture. */
interface Group {
  readonly items: readonly number[];
  /** Items of each class, and in one more place items without any. */
  readonly counts: readonly number[];
}

/**
 * The dataset with a split for every item. Splits that the data has itself are kept; only what has none is divided, among
 * the splits that are missing, and training gives the others their share where they are missing and nothing is free.
 * Groups are never divided. Classes, rarest first, hand out their groups, largest first, each to the split that lags most
 * behind its share (Webster's rule; iterative stratification of Sechidis et al. 2011 for groups of several classes);
 * then every class with enough groups gets one in each split. What could not be is said in `warnings`.
 */
export function splitDataset(dataset: Dataset, options: SplitOptions = {}): Dataset {
  const fractions = checkedFractions(options.fractions ?? [0.7, 0.15, 0.15]);
  const { pool, receivers } = whatToDivide(dataset.items);
  const splits = dataset.items.map(({ split }) => split);
  if (pool.length > 0) {
    const fixed = fixedGroups(dataset.items, pool);
    const isFixed = (index: number) => fixed.get(dataset.items[index]!.group ?? '');
    for (const index of pool) splits[index] = isFixed(index) ?? null;
    const free = groupsOf(
      dataset,
      pool.filter((index) => isFixed(index) === undefined),
    );
    const shared = receivers.map((split) => ({ split, share: fractions[splitNames.indexOf(split)]! }));
    const shares = shared.some(({ share }) => share > 0) ? shared : [{ split: 'train' as const, share: 1 }];
    const order = Random.of(options.seed ?? 0, 'split').shuffled(free);
    for (const [group, split] of divide(
      order,
      shares.filter(({ share }) => share > 0),
    ))
      for (const index of group.items) splits[index] = split;
  }
  const items = dataset.items.map((item, index) => ({ ...item, split: splits[index]! }));
  const warnings = [...dataset.warnings, ...crossing(items), ...lacking({ ...dataset, items })];
  return { ...dataset, items, warnings };
}

/** Items of one split, in their order. */
export function itemsOf(dataset: Dataset, split: SplitName): DatasetItem[] {
  return dataset.items.filter((item) => item.split === split);
}

/**
 * Throws GradcamError `empty-class` where a class has no training picture, `empty-split` where there is nothing to train on,
 * `one-class` where there is nothing to tell apart.
 * A loss weighted by class counts has no value then, and the class could never be learned.
 */
export function requireTrainable(dataset: Dataset): void {
  const train = itemsOf(dataset, 'train');
  if (train.length === 0) {
    throw new GradcamError({
      code: 'empty-split',
      what: `there is no training picture in ${dataset.root}`,
      expected: 'pictures in the split "train"',
      found: `${formatCount(dataset.items.length, 'picture')}, none of them for training`,
    });
  }
  if (dataset.classes.length === 1 && !dataset.multiLabel) throw oneClass(dataset);
  const counts = countClasses(train, dataset.classes.length);
  const empty = dataset.classes.filter((_, index) => counts[index] === 0);
  if (empty.length === 0) return;
  throw new GradcamError({
    code: 'empty-class',
    what: `no training picture of ${formatList(empty, 12)} in ${dataset.root}`,
    expected: 'at least one training picture of each class',
    found: dataset.classes.map((name, index) => `${name} ${counts[index]!}`).join(', '),
    hint: 'add pictures of that class, or leave the class out (its folder, or its column)',
  });
}

function oneClass({ root, classes, items }: Dataset): GradcamError {
  return new GradcamError({
    code: 'one-class',
    what: `${root} has only one class`,
    expected: 'two classes or more',
    found: `${classes[0]!} (${formatCount(items.length, 'picture')})`,
    hint: 'see that --data is the folder above those of the classes, or the table with all labels',
  });
}

function checkedFractions(fractions: readonly [number, number, number]): readonly number[] {
  const sum = fractions.reduce((total, share) => total + share, 0);
  if (fractions.every((share) => Number.isFinite(share) && share >= 0) && fractions[0] > 0)
    return fractions.map((share) => share / sum);
  throw new GradcamError({
    code: 'bad-fractions',
    what: 'the shares of the splits cannot be used',
    expected: 'three numbers for train, val and test, none negative, the first above 0',
    found: fractions.join(', '),
  });
}

/** Which items are divided among which splits. */
function whatToDivide(items: readonly DatasetItem[]): { pool: number[]; receivers: readonly SplitName[] } {
  const present = new Set(items.map(({ split }) => split));
  const missing = splitNames.filter((split) => !present.has(split));
  const indices = [...items.keys()];
  if (present.has(null)) {
    const pool = indices.filter((index) => items[index]!.split === null);
    return { pool, receivers: missing.length > 0 ? missing : splitNames };
  }
  // A published test set may be missing on purpose; validation cannot.
  if (!present.has('train') || present.has('val')) return { pool: [], receivers: [] };
  return { pool: indices.filter((index) => items[index]!.split === 'train'), receivers: ['train', ...missing] };
}

/** Split of each group that has items outside the pool: the rest of it follows. */
function fixedGroups(items: readonly DatasetItem[], pool: readonly number[]): Map<string, SplitName> {
  const inPool = new Set(pool);
  const fixed = new Map<string, SplitName>();
  for (const [index, { group, split }] of items.entries())
    if (group !== null && split !== null && !inPool.has(index) && !fixed.has(group)) fixed.set(group, split);
  return fixed;
}

function groupsOf({ items, classes }: Dataset, pool: readonly number[]): Group[] {
  const groups = new Map<string, number[]>();
  for (const index of pool) {
    const { group } = items[index]!;
    const key = group === null ? `item ${index}` : `group ${group}`;
    if (groups.has(key)) groups.get(key)!.push(index);
    else groups.set(key, [index]);
  }
  return [...groups.values()].map((members) => {
    const chosen = members.map((index) => items[index]!);
    const none = chosen.filter(({ labels }) => labels?.every((value) => value === 0)).length;
    return { items: members, counts: [...countClasses(chosen, classes.length), none] };
  });
}

interface Share {
  readonly split: SplitName;
  readonly share: number;
}

function divide(groups: readonly Group[], shares: readonly Share[]): Map<Group, SplitName> {
  const places = groups[0]?.counts.length ?? 0;
  const totals = Array.from({ length: places }, (_, c) => groups.reduce((sum, { counts }) => sum + counts[c]!, 0));
  const sum = shares.reduce((total, { share }) => total + share, 0);
  const given = new Map(shares.map(({ split }) => [split, { counts: totals.map(() => 0), items: 0 }]));
  const result = new Map<Group, SplitName>();
  const give = (group: Group, split: SplitName): void => {
    const { counts } = given.get(split)!;
    for (const [c, value] of group.counts.entries()) counts[c]! += value;
    given.get(split)!.items += group.items.length;
    result.set(group, split);
  };
  const rarestFirst = [...totals.keys()].filter((c) => totals[c]! > 0).sort((a, b) => totals[a]! - totals[b]!);
  for (const c of rarestFirst) {
    const own = groups.filter((group) => group.counts[c]! > 0 && !result.has(group));
    for (const group of own.sort((a, b) => b.counts[c]! - a.counts[c]!)) {
      const lag = ({ split, share }: Share) => (given.get(split)!.counts[c]! + group.counts[c]! / 2) / (share / sum);
      const fill = ({ split, share }: Share) => given.get(split)!.items / share;
      const best = shares.reduce((a, b) => (lag(b) < lag(a) || (lag(b) === lag(a) && fill(b) < fill(a)) ? b : a));
      give(group, best.split);
    }
  }
  for (const c of rarestFirst) shareOut(c, groups, shares, result);
  return result;
}

/** Moves a group of class `c` into each split without one, from the split that has most of them, where it has two. */
function shareOut(c: number, groups: readonly Group[], shares: readonly Share[], result: Map<Group, SplitName>): void {
  const own = groups.filter(({ counts }) => counts[c]! > 0);
  const held = (split: SplitName) => own.filter((group) => result.get(group) === split);
  for (const { split } of shares) {
    if (held(split).length > 0) continue;
    const donor = shares.map((one) => held(one.split)).reduce((a, b) => (b.length > a.length ? b : a));
    const movable = donor.filter((group) => isSpare(group, groups, result));
    const [smallest] = movable.sort((a, b) => a.items.length - b.items.length);
    if (donor.length >= 2 && smallest !== undefined) result.set(smallest, split);
  }
}

/** Whether its split keeps another group of each of its classes. */
function isSpare(group: Group, groups: readonly Group[], result: Map<Group, SplitName>): boolean {
  const split = result.get(group);
  const others = groups.filter((other) => other !== group && result.get(other) === split);
  return group.counts.every((count, c) => count === 0 || others.some(({ counts }) => counts[c]! > 0));
}

/** Groups that the data itself has in several splits. */
function crossing(items: readonly DatasetItem[]): string[] {
  const seen = new Map<string, SplitName | null>();
  const crossed = new Set<string>();
  for (const { group, split } of items) {
    if (group === null) continue;
    if (seen.has(group) && seen.get(group) !== split) crossed.add(group);
    seen.set(group, split);
  }
  if (crossed.size === 0) return [];
  const what = formatCount(crossed.size, 'lesion or patient', 'lesions or patients');
  return [`${what} in several splits, as the data has them: scores will be too good (${formatList([...crossed])}).`];
}

/** Classes that a split lacks, though it has pictures. */
function lacking(dataset: Dataset): string[] {
  const all = countClasses(dataset.items, dataset.classes.length);
  return splitNames.flatMap((split) => {
    const items = itemsOf(dataset, split);
    if (items.length === 0) return split === 'train' ? [] : [`No pictures for ${split}.`];
    const counts = countClasses(items, dataset.classes.length);
    const names = dataset.classes.filter((_, index) => counts[index] === 0 && all[index]! > 0);
    return names.length === 0 ? [] : [`Too few lesions or patients: no picture of ${formatList(names)} in ${split}.`];
  });
}
