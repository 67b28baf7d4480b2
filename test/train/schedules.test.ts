// Learning rates by hand.
import { expect, test } from 'vitest';
import { rateAt, schedules, type RatePlan } from '../../src/train/schedules.ts';

const plan: RatePlan = {
  schedule: 'constant',
  lr: 0.4,
  warmup: 0,
  epochs: 4,
  steps: 5,
  every: 2,
  milestones: [1, 3],
  factor: 0.1,
  floor: 0,
};
const ratesOf = (changes: Partial<RatePlan>): number[] =>
  Array.from({ length: 20 }, (_, step) => rateAt(step, { ...plan, ...changes }));
const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 12) as unknown);
const perEpoch = (rates: readonly number[]): number[] => [0, 5, 10, 15].map((step) => rates[step]!);

test('constant', () => expect(new Set(ratesOf({}))).toEqual(new Set([0.4])));

test('step drops every two epochs', () => {
  const rates = ratesOf({ schedule: 'step' });
  expect(perEpoch(rates)).toEqual(close([0.4, 0.4, 0.04, 0.04]));
  expect(rates[9]).toBe(0.4);
});

test('multi-step drops at milestones', () => {
  expect(perEpoch(ratesOf({ schedule: 'multi-step' }))).toEqual(close([0.4, 0.04, 0.04, 0.004]));
});

test('cosine: whole at the start, half in the middle, down to the floor', () => {
  const rates = ratesOf({ schedule: 'cosine' });
  expect([rates[0], rates[10]]).toEqual(close([0.4, 0.2]));
  expect(rates[19]).toBeCloseTo(0.4 * 0.5 * (1 + Math.cos(Math.PI * 0.95)), 12);
  const kept = ratesOf({ schedule: 'cosine', floor: 0.5 });
  expect(kept[10]).toBeCloseTo(0.4 * 0.75, 12);
  expect(Math.min(...kept)).toBeGreaterThan(0.2);
});

test('warm-up rises evenly, and the cosine begins behind it', () => {
  const rates = ratesOf({ schedule: 'cosine', warmup: 1 });
  expect(rates.slice(0, 5)).toEqual(close([0.08, 0.16, 0.24, 0.32, 0.4]));
  expect(rates[5]).toBeCloseTo(0.4, 12);
  expect(rates[19]).toBeCloseTo(0.4 * 0.5 * (1 + Math.cos((Math.PI * 14) / 15)), 12);
  expect(ratesOf({ warmup: 0.4 })[0]).toBeCloseTo(0.2, 12); // two steps
});

test('the demo recipe: LambdaLR of its PyTorch script', () => {
  const [steps, epochs] = [47, 18];
  for (const i of [0, 10, 46, 47, 200, 845]) {
    const expected =
      i < steps ? (i + 1) / steps : 0.5 * (1 + Math.cos((Math.PI * (i - steps)) / (steps * epochs - steps)));
    const found = rateAt(i, { ...plan, schedule: 'cosine', lr: 2e-3, warmup: 1, epochs, steps });
    expect(found).toBeCloseTo(2e-3 * expected, 12);
  }
});

test('ids are keys of the table', () => {
  for (const [id, schedule] of Object.entries(schedules)) expect(schedule.id).toBe(id);
});
