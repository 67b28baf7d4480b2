import { expect, test } from 'vitest';
import { scaleMaxima, type ScaledMap } from '../../src/report/scale.ts';

const map = (sample: string, max: number, sum: number, logit: number): ScaledMap => ({
  method: 'gradcam',
  sample,
  max,
  sum,
  logit,
});
const maps = [map('s', 2, 8, 10), map('s', 1, 2, -1), map('t', 4, 16, 4)];

test('each scale, worked by hand', () => {
  expect(scaleMaxima('per-map', maps)).toEqual([2, 1, 4]);
  expect(scaleMaxima('per-sample', maps)).toEqual([2, 2, 4]);
  expect(scaleMaxima('global', maps)).toEqual([4, 4, 4]);
  // shares of the sum: 0.25, 0.5, 0.25; the greatest is drawn at the top: 0.5 * 8, 0.5 * 2, 0.5 * 16
  expect(scaleMaxima('mass', maps)).toEqual([4, 1, 8]);
  // shares of the logit: 0.2, 1, 1
  expect(scaleMaxima('logit-share', maps)).toEqual([10, 1, 4]);
});

test('logit-share does not change when one run scales its logits', () => {
  const scaled = [map('s', 60, 240, 300), ...maps.slice(1)];
  expect(scaleMaxima('logit-share', scaled)[0]! / 60).toBeCloseTo(scaleMaxima('logit-share', maps)[0]! / 2, 12);
});

test('a zero map has a zero top and does not spoil the others', () => {
  expect(scaleMaxima('mass', [map('s', 0, 0, 1), map('s', 1, 4, 1)])).toEqual([0, 1]);
  expect(scaleMaxima('per-map', [map('s', -1, 0, 1)])).toEqual([0]);
});
