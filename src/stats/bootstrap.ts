// The bootstrap: how far would a number move with other test pictures? A statistic is a function of how often each picture
// was drawn, so that sorted scores and predictions are prepared once and every replicate is one pass over them.
import { normalCdf, normalQuantile } from './distributions.ts';
import { Random } from '../lib/random.ts';
import { groupingOf, type Design, type Grouping } from './resampling.ts';

/** How often each picture counts, `[pictures]` -> numbers, always as many. A number that does not exist is NaN. */
export type Statistic = (weights: Float64Array) => ArrayLike<number>;

export interface BootstrapOptions extends Design {
  /** Replicates; 2000 unless given. */
  readonly count?: number;
  readonly seed: number;
}

/** A statistic of one or more numbers, and what it is on pictures drawn anew. */
export interface Bootstrap {
  /** The statistic on the pictures as they are. */
  readonly estimate: Float64Array;
  /** `[number][replicate]`. Numbers of one replicate saw the same draw: differences between them are paired. */
  readonly replicates: readonly Float64Array[];
  /** `[number][group left out]`, for BCa; made when first asked for. */
  readonly jackknife: () => readonly Float64Array[];
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const BOOTSTRAP_REPLICATES = 2000;

/** Draws as many groups as each stratum has, with replacement, `count` times (Efron and Tibshirani 1993, chapters 6 and 16). */
export function bootstrap(statistic: Statistic, options: BootstrapOptions): Bootstrap {
  const { size, seed, count = BOOTSTRAP_REPLICATES } = options;
  const grouping = groupingOf(options);
  const random = Random.of(seed, 'bootstrap');
  const weights = new Float64Array(size).fill(1);
  const estimate = Float64Array.from(statistic(weights));
  const replicates = Array.from(estimate, () => new Float64Array(count));
  for (let b = 0; b < count; b++) {
    draw(grouping, random, weights);
    const values = statistic(weights);
    for (let i = 0; i < replicates.length; i++) replicates[i]![b] = values[i]!;
  }
  let left: readonly Float64Array[] | undefined;
  return { estimate, replicates, jackknife: () => (left ??= leaveOut(statistic, grouping, estimate.length, size)) };
}

/** Percentile interval; NaN replicates do not count. NaN on both sides where none is left. */
export function percentileInterval(replicates: Float64Array, level = 0.95): Interval {
  const sorted = replicates.filter((value) => !Number.isNaN(value)).sort();
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/**
 * Bias-corrected and accelerated interval (Efron 1987, JASA 82:171): `jackknife` holds the statistic with each group left
 * out. The same as the percentile interval where the replicates are centred on the estimate and the jackknife has no skew.
 */
export function bcaInterval(
  replicates: Float64Array,
  estimate: number,
  jackknife: Float64Array,
  level = 0.95,
): Interval {
  const sorted = replicates.filter((value) => !Number.isNaN(value)).sort();
  const below = sorted.reduce((sum, value) => sum + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0);
  const bias = normalQuantile(below / sorted.length);
  if (!Number.isFinite(bias)) return percentileInterval(replicates, level); // every replicate on one side: nothing to correct by
  const acceleration = skewOf(jackknife);
  const at = (p: number): number => {
    const z = bias + normalQuantile(p);
    return quantile(sorted, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

/**
 * Two-sided p that a difference is zero: twice the smaller share of replicates on either side of zero, each with the
 * observed one added, so that it is never 0 (Davison and Hinkley 1997, 4.2). NaN where no replicate is a number.
 */
export function bootstrapP(differences: Float64Array): number {
  let [below, above, count] = [0, 0, 0];
  for (const value of differences) {
    if (Number.isNaN(value)) continue;
    count++;
    if (value <= 0) below++;
    if (value >= 0) above++;
  }
  return count === 0 ? NaN : Math.min(1, (2 * (Math.min(below, above) + 1)) / (count + 1));
}

/** The value below which a share `p` of `sorted` lies, linear between neighbours, as NumPy's default. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0 || Number.isNaN(p)) return NaN;
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const [a, b] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
  return a + (b - a) * (at - low);
}

function draw({ members, strata }: Grouping, random: Random, weights: Float64Array): void {
  weights.fill(0);
  for (const groups of strata)
    for (let i = 0; i < groups.length; i++)
      for (const picture of members[groups[random.below(groups.length)]!]!) weights[picture]!++;
}

function leaveOut(statistic: Statistic, { members }: Grouping, numbers: number, size: number): Float64Array[] {
  const weights = new Float64Array(size).fill(1);
  const results = Array.from({ length: numbers }, () => new Float64Array(members.length));
  for (const [group, pictures] of members.entries()) {
    for (const picture of pictures) weights[picture] = 0;
    const values = statistic(weights);
    for (let i = 0; i < numbers; i++) results[i]![group] = values[i]!;
    for (const picture of pictures) weights[picture] = 1;
  }
  return results;
}

/** Efron's acceleration: a sixth of the skewness of the jackknife's influence values. */
function skewOf(jackknife: Float64Array): number {
  const values = jackknife.filter((value) => !Number.isNaN(value));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [squares, cubes] = [0, 0];
  for (const value of values) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
