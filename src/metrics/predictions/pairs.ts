// Runs against each other on the same pictures: who is right more often, and would other pictures say the same?
import { bcaInterval, bootstrapP, percentileInterval, type Bootstrap, type Interval } from '../../stats/bootstrap.ts';
import { cochranQ, type CochranQ } from '../../stats/cochran.ts';
import { holm } from '../../stats/holm.ts';
import { discordance, mcnemar, type McNemar } from '../../stats/mcnemar.ts';
import { signFlipTest } from '../../stats/permutation.ts';
import type { Design } from '../../stats/resampling.ts';
import { placeOfRun } from './resampled.ts';

/** Numbers whose differences are tested; greater is better for all of them. */
export const comparedNumbers = ['accuracy', 'balancedAccuracy', 'f1', 'auroc'] as const;
export type ComparedNumber = (typeof comparedNumbers)[number];

/** First run minus second; NaN where one of them has no such number. */
export interface Difference extends Interval {
  readonly value: number;
  /** Of the paired bootstrap, two-sided. */
  readonly p: number;
  /** Corrected for the number of pairs (Holm). */
  readonly adjustedP: number;
}

export interface AccuracyTest extends McNemar {
  /** `exactP` corrected for the number of pairs (Holm). */
  readonly adjustedP: number;
  /** Of a permutation test that exchanges whole groups; null where every picture is a group. */
  readonly groupP: number | null;
}

export interface RunPair {
  /** Places among the runs. */
  readonly first: number;
  readonly second: number;
  readonly mcnemar: AccuracyTest;
  /** null without a bootstrap. */
  readonly differences: Readonly<Record<ComparedNumber, Difference>> | null;
}

export interface PairedTests {
  /** Of all runs at once; null with two, where McNemar's test says it. */
  readonly cochran: CochranQ | null;
  readonly pairs: readonly RunPair[];
}

export interface PairOptions {
  readonly design: Design;
  readonly seed: number;
  readonly interval: 'percentile' | 'bca';
  /** Numbers of one run's statistic: the bootstrap has them of all runs side by side. */
  readonly numbersPerRun: number;
}

/** Random exchanges for tests by groups. */
const EXCHANGES = 5000;

/** `right[run]`: 1 for each picture that the run gets right. `bootstrap`: of all runs side by side, or null. */
export function compareRuns(
  right: readonly Uint8Array[],
  bootstrap: Bootstrap | null,
  options: PairOptions,
): PairedTests {
  const pairs = right.flatMap((_, second) => Array.from({ length: second }, (_first, first) => ({ first, second })));
  const tests = pairs.map(({ first, second }) => mcnemar(...discordance(right[first]!, right[second]!)));
  const adjusted = holm(tests.map(({ exactP }) => exactP));
  const differences =
    bootstrap === null
      ? null
      : comparedNumbers.map((name) => corrected(pairs.map((pair) => difference(bootstrap, pair, name, options))));
  return {
    cochran: right.length > 2 ? cochranQ(right) : null,
    pairs: pairs.map(({ first, second }, i) => ({
      first,
      second,
      mcnemar: {
        ...tests[i]!,
        adjustedP: adjusted[i]!,
        groupP: groupP(right[first]!, right[second]!, options),
      },
      differences:
        differences &&
        (Object.fromEntries(comparedNumbers.map((name, n) => [name, differences[n]![i]!])) as Record<
          ComparedNumber,
          Difference
        >),
    })),
  };
}

interface Pair {
  readonly first: number;
  readonly second: number;
}

function difference(
  { estimate, replicates, jackknife }: Bootstrap,
  { first, second }: Pair,
  name: ComparedNumber,
  { interval, numbersPerRun }: PairOptions,
): Omit<Difference, 'adjustedP'> {
  const [a, b] = [first, second].map((run) => run * numbersPerRun + placeOfRun(name)) as [number, number];
  const value = estimate[a]! - estimate[b]!;
  const draws = minus(replicates[a]!, replicates[b]!);
  const ends =
    interval === 'percentile'
      ? percentileInterval(draws)
      : bcaInterval(draws, value, minus(jackknife()[a]!, jackknife()[b]!));
  return { value, ...ends, p: bootstrapP(draws) };
}

function corrected(differences: readonly Omit<Difference, 'adjustedP'>[]): Difference[] {
  const adjusted = holm(differences.map(({ p }) => p));
  return differences.map((one, i) => ({ ...one, adjustedP: adjusted[i]! }));
}

function groupP(first: Uint8Array, second: Uint8Array, { design, seed }: PairOptions): number | null {
  const { groups } = design;
  if (groups === null || new Set(Array.from(groups)).size === first.length) return null;
  return signFlipTest(minus(first, second), { groups, seed, count: EXCHANGES }).p;
}

function minus(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from(a, (value, i) => value - b[i]!);
}
