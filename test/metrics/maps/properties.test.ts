// What holds for any map: ranges, baselines at their expected values, indifference to what must not matter.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Heatmap, Mask, Placement } from '../../../src/image/picture.ts';
import { Random } from '../../../src/lib/random.ts';
import { centredMap, randomMap } from '../../../src/metrics/maps/baselines.ts';
import { imputed } from '../../../src/metrics/maps/imputation.ts';
import { agreementMetrics, complexityMetrics, localisationMetrics } from '../../../src/metrics/maps/metrics.ts';
import { pairOf } from '../../../src/metrics/maps/pair.ts';
import { reducedMask, sceneOf, seenMask } from '../../../src/metrics/maps/scene.ts';
import { subjectOf } from '../../../src/metrics/maps/subject.ts';

function disc(width: number, height: number, x: number, y: number, radius: number): Mask {
  const data = Uint8Array.from({ length: width * height }, (_, p) =>
    Math.hypot((p % width) + 0.5 - x, Math.floor(p / width) + 0.5 - y) <= radius ? 1 : 0,
  );
  return { width, height, data };
}

/** Mean of a metric over random maps on a grid of 8 x 8. */
function meanOverRandom(measure: (map: Heatmap) => number | null, draws = 400): number {
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) sum += measure(randomMap(8, 8, Random.of(draw)))!;
  return sum / draws;
}

describe('baselines', () => {
  // A mask of whole cells, 3 x 2 of the 8 x 8: maxima lie in cells, so the chance is exactly the share of the area.
  const side = 64;
  const mask: Mask = {
    width: side,
    height: side,
    data: Uint8Array.from({ length: side * side }, (_, p) => {
      const [x, y] = [p % side, Math.floor(p / side)];
      return x >= 16 && x < 40 && y >= 24 && y < 40 ? 1 : 0;
    }),
  };
  const seen = seenMask(mask, { x: 0, y: 0, width: side, height: side }, mask);
  const share = seen.area / (side * side);

  test('a random map hits at the mask’s share of the picture, and has that share of its energy and ranks inside', () => {
    for (const id of ['pointing-game', 'energy-in-mask', 'rank-accuracy'] as const) {
      const mean = meanOverRandom((map) => localisationMetrics[id].measure(sceneOf(map, seen)));
      expect(Math.abs(mean - share), id).toBeLessThan(0.04); // 400 draws of a chance of 0.094: 3 sd are 0.044
    }
  });
  test('a random map’s AUPRC is near the share, never far above it', () => {
    const mean = meanOverRandom((map) => localisationMetrics.auprc.measure(sceneOf(map, seen)), 100);
    expect(mean).toBeGreaterThan(share);
    expect(mean).toBeLessThan(share + 0.1);
  });
  test('a map that is the same everywhere scores the share of the area', () => {
    const flat = { width: 8, height: 8, data: new Float32Array(64).fill(3) };
    for (const id of ['pointing-game', 'energy-in-mask', 'rank-accuracy', 'iou', 'auprc'] as const)
      expect(localisationMetrics[id].measure(sceneOf(flat, seen)), id).toBeCloseTo(share, 6);
  });
  test('the centred map beats random where the object is in the middle, and not where it is in a corner', () => {
    const energy = (at: number): number => {
      const object = disc(64, 64, at, at, 14);
      const whole = { x: 0, y: 0, width: 64, height: 64 };
      return localisationMetrics['energy-in-mask'].measure(sceneOf(centredMap(7, 7), seenMask(object, whole, object)))!;
    };
    const area = (Math.PI * 14 ** 2) / 64 ** 2;
    expect(energy(32)).toBeGreaterThan(1.5 * area);
    expect(energy(8)).toBeLessThan(0.5 * area);
  });
});

const grids = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }), seed: fc.integer() })
  .map(({ width, height, seed }): Heatmap => {
    const random = Random.of(seed);
    return { width, height, data: Float32Array.from({ length: width * height }, () => Math.max(0, random.normal())) };
  });

test('every number lies in its range, and does not depend on the map’s unit', () => {
  const mask = disc(40, 30, 17, 12, 7);
  const placement: Placement = { x: 5, y: -4, width: 30, height: 38 };
  const seen = seenMask(mask, placement, mask);
  const place = { x: 0, y: 0, width: 10, height: 10 };
  fc.assert(
    fc.property(grids, grids, (a, b) => {
      const larger = { ...a, data: a.data.map((value) => value * 8) };
      const check = (metric: { id: string; range: readonly [number, number] }, x: number | null, y: number | null) => {
        if (x === null || y === null) return expect(x, metric.id).toBe(y);
        expect(x, metric.id).toBeCloseTo(y, 5);
        expect(x, metric.id).toBeGreaterThanOrEqual(metric.range[0] - 1e-9);
        expect(x, metric.id).toBeLessThanOrEqual(metric.range[1] + 1e-9);
      };
      for (const metric of Object.values(localisationMetrics))
        check(metric, metric.measure(sceneOf(a, seen)), metric.measure(sceneOf(larger, seen)));
      for (const metric of Object.values(complexityMetrics)) check(metric, metric.measure(a), metric.measure(larger));
      const pair = pairOf({ map: a, placement: place }, { map: b, placement: place })!;
      const same = pairOf({ map: larger, placement: place }, { map: b, placement: place })!;
      const back = pairOf({ map: b, placement: place }, { map: a, placement: place })!;
      for (const metric of Object.values(agreementMetrics)) {
        check(metric, metric.measure(pair), metric.measure(same));
        check(metric, metric.measure(pair), metric.measure(back));
      }
    }),
    { numRuns: 60 },
  );
});

test('maps of different grids and places are compared where both models looked', () => {
  const map = randomMap(6, 6, Random.of(1));
  const left = { map, placement: { x: 0, y: 0, width: 50, height: 50 } };
  expect(pairOf(left, { map, placement: { x: 50, y: 0, width: 50, height: 50 } })).toBeNull();
  const squared = { map: randomMap(12, 12, Random.of(2)), placement: { x: 0, y: 0, width: 50, height: 50 } };
  expect(pairOf(left, squared)!.a).toHaveLength(24 * 24);
});

test('only pixels that the model saw count', () => {
  const mask = disc(100, 60, 10, 30, 8);
  // A crop of the middle: the object lies outside it.
  expect(seenMask(mask, { x: 20, y: 0, width: 60, height: 60 }, mask).area).toBe(0);
  // A padded input covers the picture and more: the mask is all there.
  const area = mask.data.reduce((sum, value) => sum + value, 0);
  const padded = seenMask(mask, { x: 0, y: -20, width: 100, height: 100 }, mask);
  expect([padded.area, sceneOf(centredMap(5, 5), padded).height]).toEqual([area, 60]);
});

test('a reduced mask keeps its share of the picture', () => {
  const mask = disc(900, 600, 400, 250, 120);
  const small = reducedMask(mask);
  const share = ({ data }: Mask): number => data.reduce((sum, value) => sum + value, 0) / data.length;
  expect([small.width, small.height]).toEqual([160, 107]);
  expect(share(small)).toBeCloseTo(share(mask), 3);
});

test('imputed values lie between those around them, in both layouts alike', () => {
  const [height, width] = [11, 13];
  const random = Random.of(4);
  const nchw = Float32Array.from({ length: 3 * height * width }, () => random.normal());
  const nhwc = nchw.map((_, i) => nchw[(i % 3) * height * width + Math.floor(i / 3)]!);
  const removed = Uint8Array.from({ length: height * width }, () => (random.unit() < 0.7 ? 1 : 0));
  const options = { noise: 0, tolerance: 1e-8 };
  const a = imputed(nchw, removed, { height, width, channels: 3, layout: 'nchw' }, Random.of(1), options);
  const b = imputed(nhwc, removed, { height, width, channels: 3, layout: 'nhwc' }, Random.of(1), options);
  for (const [i, value] of b.entries()) expect(value).toBeCloseTo(a[(i % 3) * height * width + Math.floor(i / 3)]!, 5);
  expect(Math.max(...a)).toBeLessThanOrEqual(Math.max(...nchw));
  expect(Math.min(...a)).toBeGreaterThanOrEqual(Math.min(...nchw));
  const all = imputed(
    nchw,
    removed.map(() => 1),
    { height, width, channels: 3, layout: 'nchw' },
    Random.of(1),
  );
  expect(Math.max(...all.map(Math.abs))).toBeLessThan(0.06); // noise only
});

test('the order of pixels is the same for the same seed, and ties are not in rows', () => {
  const parts = {
    input: new Float32Array(64),
    layout: 'nchw',
    channels: 1,
    height: 8,
    width: 8,
    map: { height: 8, width: 8, data: new Float32Array(64).fill(1) },
    before: { logit: 0, probability: 0.5, map: null },
  } as const;
  const order = subjectOf({ ...parts, seed: 3 }).order();
  expect(order).toEqual(subjectOf({ ...parts, seed: 3 }).order());
  expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
  expect([...order]).not.toEqual([...order.keys()]);
});
