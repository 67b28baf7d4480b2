// Arrays compared in tests.
import { readFile } from 'node:fs/promises';
import { decodeNpy } from '../src/lib/npy.ts';

type Numbers = ArrayLike<number>;

export async function npy(file: string): Promise<{ shape: number[]; data: Float32Array }> {
  return decodeNpy(await readFile(file), file);
}

export function largestDifference(a: Numbers, b: Numbers): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs(a[index]! - b[index]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Pearson's correlation. */
export function correlation(a: Numbers, b: Numbers): number {
  const mean = (values: Numbers): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [da, db] = [a[index]! - meanA, b[index]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}
