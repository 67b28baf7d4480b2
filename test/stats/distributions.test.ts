import { describe, expect, it } from 'vitest';
import {
  chiSquareSurvival,
  logGamma,
  normalCdf,
  normalQuantile,
  normalTwoSided,
  studentizedRangeSurvival,
} from '../../src/stats/distributions.ts';
import { expectNear, recorded } from './recorded.ts';

const { distributions } = recorded;

describe('distributions against scipy', () => {
  it.each(distributions.logGamma)('ln Γ(%f)', (x, wanted) => {
    if (wanted === 0) expect(Math.abs(logGamma(x))).toBeLessThan(1e-14);
    else expectNear(logGamma(x), wanted, 1e-13);
  });
  it.each(distributions.normalCdf)('Φ(%f)', (x, wanted) => expectNear(normalCdf(x), wanted));
  it.each(distributions.normalTwoSided)('P(|Z| > %f)', (x, wanted) => expectNear(normalTwoSided(x), wanted));
  it.each(distributions.normalQuantile)('Φ⁻¹(%f)', (p, wanted) => {
    if (wanted === 0) expect(Math.abs(normalQuantile(p))).toBeLessThan(1e-15);
    else expectNear(normalQuantile(p), wanted);
  });
  it.each(distributions.chiSquare)('P(χ² > %f), %i degrees', (x, df, wanted) =>
    expectNear(chiSquareSurvival(x, df), wanted, 1e-11),
  );
  // scipy integrates this one numerically too: both agree to its own error.
  it.each(distributions.studentizedRange)('P(range > %f) of %i means', (q, k, wanted) =>
    expect(Math.abs(studentizedRangeSurvival(q, k) - wanted)).toBeLessThan(1e-10),
  );
});

it('the ends of the quantile', () => {
  expect([normalQuantile(0), normalQuantile(1), normalQuantile(2)]).toEqual([-Infinity, Infinity, NaN]);
});
