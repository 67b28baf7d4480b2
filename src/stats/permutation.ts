// Paired permutation tests: if two runs were alike, exchanging their results on any picture (or lesion, or patient) would
// change nothing. All exchanges are tried where they are few, random ones otherwise.
import { Random } from '../lib/random.ts';
import { groupingOf, type Design } from './resampling.ts';

export interface PermutationOptions extends Omit<Design, 'strata'> {
  /** Random exchanges; 10000 unless given. All 2^groups are tried instead where they are no more. */
  readonly count?: number;
  readonly seed: number;
}

export interface PermutationTest {
  /** The difference as observed. */
  readonly difference: number;
  /** Two-sided: the share of exchanges with a difference at least as far from zero, the observed one among them. */
  readonly p: number;
  readonly exact: boolean;
}

/**
 * `difference` gets 1 for each picture whose results are exchanged between the two runs, 0 for the others, and returns the
 * statistic of the first minus that of the second.
 */
export function permutationTest(
  difference: (exchanged: Uint8Array) => number,
  { size, groups, count = 10_000, seed }: PermutationOptions,
): PermutationTest {
  const { members } = groupingOf({ size, groups, strata: null });
  const exchanged = new Uint8Array(size);
  const observed = difference(exchanged);
  const exact = members.length < 31 && 2 ** members.length <= count;
  const random = Random.of(seed, 'permutation');
  const rounds = exact ? 2 ** members.length : count;
  // Sums in another order differ in their last digits: what is equal must count as equal.
  const bar = Math.abs(observed) * (1 - 1e-12);
  let asFar = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [g, pictures] of members.entries()) {
      const swap = exact ? (round >>> g) & 1 : random.word() & 1;
      for (const picture of pictures) exchanged[picture] = swap;
    }
    if (Math.abs(difference(exchanged)) >= bar) asFar++;
  }
  const p = exact ? asFar / rounds : (asFar + 1) / (rounds + 1);
  return { difference: observed, p: Number.isNaN(observed) ? NaN : p, exact };
}

/** Permutation test of the mean of paired differences, one per picture: signs are exchanged. */
export function signFlipTest(
  differences: ArrayLike<number>,
  options: Omit<PermutationOptions, 'size'>,
): PermutationTest {
  const size = differences.length;
  const mean = (exchanged: Uint8Array): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += exchanged[i] === 1 ? -differences[i]! : differences[i]!;
    return sum / size;
  };
  return permutationTest(mean, { ...options, size });
}
