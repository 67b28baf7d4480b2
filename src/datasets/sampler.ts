// The order in which items are seen in an epoch: a function of the seed and the epoch alone.
import { GradcamError } from '../lib/errors.ts';
import { Random } from '../lib/random.ts';
import { countClasses, type DatasetItem } from './dataset.ts';

export const samplers = ['shuffle', 'in-order', 'class-balanced', 'effective-number'] as const;
/**
 * shuffle: every item once, in random order. in-order: as they stand. The others draw with replacement, as many as there
 * are items: class-balanced gives every class the same chance (weights 1 / n), effective-number weights
 * (1 - beta) / (1 - beta^n) with beta = (N - 1) / N (Cui et al. 2019, arXiv 1901.05555, equations 2 and 3; N items in all).
 */
export type SamplerId = (typeof samplers)[number];

/** Indices into `items` for one epoch, as many as there are items. */
export function orderOf(
  items: readonly DatasetItem[],
  classes: number,
  sampler: SamplerId,
  seed: number,
  epoch: number,
): number[] {
  const indices = [...items.keys()];
  if (sampler === 'in-order') return indices;
  const random = Random.of(seed, 'order', epoch);
  if (sampler === 'shuffle') return random.shuffled(indices);
  const sums = cumulative(itemWeights(items, classes, sampler));
  return indices.map(() => firstAbove(sums, random.unit() * sums.at(-1)!));
}

/** Weight of each class by the number of its items; 0 for none. */
export function classWeights(counts: readonly number[], sampler: 'class-balanced' | 'effective-number'): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const beta = (total - 1) / total;
  return counts.map((count) => {
    if (count === 0) return 0;
    return sampler === 'class-balanced' ? 1 / count : (1 - beta) / (1 - beta ** count);
  });
}

/** An item of several classes weighs as much as the rarest of them, one without any as those of all items on average. */
function itemWeights(
  items: readonly DatasetItem[],
  classes: number,
  sampler: 'class-balanced' | 'effective-number',
): number[] {
  const weights = classWeights(countClasses(items, classes), sampler);
  const found = items.map(({ label, labels }) =>
    labels === null ? weights[label]! : Math.max(0, ...labels.map((value, index) => value * weights[index]!)),
  );
  const labelled = found.filter((weight) => weight > 0);
  if (labelled.length === 0)
    throw new GradcamError({ code: 'no-labels', what: `${sampler} sampling needs items with labels`, found: 'none' });
  const mean = labelled.reduce((sum, weight) => sum + weight, 0) / labelled.length;
  return found.map((weight) => (weight > 0 ? weight : mean));
}

function cumulative(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (const [index, weight] of weights.entries()) sums[index] = sum += weight;
  return sums;
}

/** Index of the first sum above `value`, by halving. */
function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
