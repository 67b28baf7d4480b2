// Numbers of scipy and statsmodels that tests compare with (test/fixtures/make/statistics.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export interface RecordedStats {
  readonly distributions: {
    readonly normalCdf: readonly [number, number][];
    readonly normalTwoSided: readonly [number, number][];
    readonly normalQuantile: readonly [number, number][];
    readonly chiSquare: readonly [number, number, number][];
    readonly studentizedRange: readonly [number, number, number][];
    readonly logGamma: readonly [number, number][];
  };
  readonly paired: {
    readonly mcnemar: readonly {
      readonly counts: readonly [number, number];
      readonly exact: number;
      readonly mid: number;
      readonly chiSquare: number;
      readonly chiSquareP: number;
    }[];
    readonly cochran: { readonly right: readonly number[][]; readonly q: number; readonly p: number };
    readonly holm: { readonly p: readonly number[]; readonly adjusted: readonly number[] };
  };
  readonly ranks: {
    readonly wilcoxon: readonly {
      readonly name: string;
      readonly differences: readonly number[];
      readonly method: string;
      readonly least: number;
      readonly p: number;
    }[];
    readonly friedman: readonly {
      readonly rows: readonly number[][];
      readonly chiSquare: number;
      readonly p: number;
    }[];
    readonly rank: { readonly values: readonly number[]; readonly ranks: readonly number[] };
  };
  readonly bootstrap: {
    readonly data: readonly number[];
    readonly replicates: readonly number[];
    readonly jackknife: readonly number[];
    readonly percentile: readonly [number, number];
    readonly bca: readonly [number, number];
  };
}

const file = join(import.meta.dirname, '../fixtures/statistics/stats.json');
export const recorded = JSON.parse(readFileSync(file, 'utf8')) as RecordedStats;

/** Equal to `tolerance`, relative where the wanted value is not 0. */
export function expectNear(value: number, wanted: number, tolerance = 1e-12): void {
  const distance = Math.abs(value - wanted) / (wanted === 0 ? 1 : Math.abs(wanted));
  expect(distance, `${value} against ${wanted}`).toBeLessThanOrEqual(tolerance);
}
