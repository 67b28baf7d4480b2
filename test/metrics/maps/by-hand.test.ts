// Every map metric on a case small enough for paper; the working is in the comments.
import { describe, expect, test } from 'vitest';
import type { Heatmap, Mask } from '../../../src/image/picture.ts';
import { centredMap } from '../../../src/metrics/maps/baselines.ts';
import {
  agreementMetrics as agree,
  complexityMetrics as shape,
  faithfulnessMetrics as faith,
  localisationMetrics as locate,
} from '../../../src/metrics/maps/metrics.ts';
import type { FaithfulnessMetric } from '../../../src/metrics/maps/metric.ts';
import { pairOf, type Pair } from '../../../src/metrics/maps/pair.ts';
import { sceneOf, seenMask, type Scene } from '../../../src/metrics/maps/scene.ts';
import { subjectOf, type Scored, type SubjectParts } from '../../../src/metrics/maps/subject.ts';

const map = (height: number, width: number, ...data: number[]): Heatmap => ({
  height,
  width,
  data: Float32Array.from(data),
});
const mask = (height: number, width: number, ...data: number[]): Mask => ({
  height,
  width,
  data: Uint8Array.from(data),
});
const whole = ({ height, width }: Heatmap) => ({ x: 0, y: 0, width, height });
const scene = (one: Heatmap, over: Mask): Scene => sceneOf(one, seenMask(over, whole(one), over));
const pair = (a: Heatmap, b: Heatmap): Pair =>
  pairOf({ map: a, placement: whole(a) }, { map: b, placement: whole(b) })!;

describe('localisation', () => {
  // values 4 1 / 3 2, mask the left column: descending 4 in, 3 in, 2 out, 1 out
  const good = scene(map(2, 2, 4, 1, 3, 2), mask(2, 2, 1, 0, 1, 0));
  // mask the lower row: 4 out, 3 in, 2 in, 1 out
  const half = scene(map(2, 2, 4, 1, 3, 2), mask(2, 2, 0, 0, 1, 1));

  test('pointing game', () => {
    expect(locate['pointing-game'].measure(good)).toBe(1);
    expect(locate['pointing-game'].measure(half)).toBe(0);
    // The maximum at distance 1 from the mask; the picture's longer side is 2.
    expect(locate['pointing-game'].measure(half, { tolerance: 0.5 })).toBe(1);
    expect(locate['pointing-game'].measure(half, { tolerance: 0.4 })).toBe(0);
    // Two of the three greatest are inside.
    expect(locate['pointing-game'].measure(scene(map(1, 4, 5, 5, 5, 0), mask(1, 4, 1, 1, 0, 0)))).toBe(2 / 3);
  });
  test('energy in mask', () => {
    expect(locate['energy-in-mask'].measure(good)).toBe(7 / 10);
    expect(locate['energy-in-mask'].measure(scene(map(1, 3, 3, 1, -9), mask(1, 3, 0, 1, 1)))).toBe(1 / 4);
  });
  test('rank accuracy', () => {
    expect(locate['rank-accuracy'].measure(good)).toBe(1);
    expect(locate['rank-accuracy'].measure(half)).toBe(1 / 2);
    // One place left for two equal pixels, one of them inside: half a hit of one.
    expect(locate['rank-accuracy'].measure(scene(map(1, 3, 2, 2, 0), mask(1, 3, 0, 1, 0)))).toBe(1 / 2);
  });
  test('IoU at half the maximum', () => {
    // At least 2: 4, 3, 2. Mask 4, 3: 2 of 3. Mask 3, 2: 2 of 3.
    expect(locate.iou.measure(good)).toBe(2 / 3);
    expect(locate.iou.measure(good, { threshold: 0.75 })).toBe(1);
  });
  test('best IoU', () => {
    expect(locate['best-iou'].measure(good)).toBe(1);
    expect(locate['best-iou'].measure(half)).toBe(2 / 3); // thresholds 4, 3, 2, 1: 0, 1/3, 2/3, 2/4
  });
  test('AUPRC', () => {
    expect(locate.auprc.measure(good)).toBe(1);
    expect(locate.auprc.measure(half)).toBeCloseTo(0.5 * (1 / 2) + 0.5 * (2 / 3), 12);
  });
  test('a map of zeros has nowhere', () => {
    const zero = scene(map(1, 2, 0, 0), mask(1, 2, 1, 0));
    for (const metric of Object.values(locate)) expect(metric.measure(zero)).toBeNull();
  });
});

describe('complexity', () => {
  test('entropy', () => {
    expect(shape.entropy.measure(map(1, 4, 1, 1, 1, 1))).toBeCloseTo(1, 12);
    expect(shape.entropy.measure(map(1, 4, 7, 0, 0, 0))).toBe(0);
    expect(shape.entropy.measure(map(1, 4, 1, 1, 0, -3))).toBeCloseTo(Math.log(2) / Math.log(4), 12);
    expect(shape.entropy.measure(map(1, 2, 0, 0))).toBeNull();
  });
  test('Gini index', () => {
    expect(shape.gini.measure(map(1, 4, 1, 1, 1, 1))).toBe(0);
    expect(shape.gini.measure(map(1, 4, 0, 8, 0, 0))).toBe(3 / 4); // (2*4 - 4 - 1) 8 / (4 * 8)
    expect(shape.gini.measure(map(1, 2, 1, 3))).toBe(1 / 4); // (-1 + 3) / (2 * 4)
    expect(shape.gini.measure(map(1, 2, 0, 0))).toBeNull();
  });
});

describe('agreement', () => {
  test('rank correlation', () => {
    // Ranks 1 2 3 4 and 1 3 2 4: 1 - 6 * 2 / (4 * 15)
    expect(agree.spearman.measure(pair(map(2, 2, 1, 2, 3, 4), map(2, 2, 0, 5, 1, 9)))).toBeCloseTo(0.8, 12);
    expect(agree.spearman.measure(pair(map(1, 2, 1, 2), map(1, 2, 3, 3)))).toBeNull();
  });
  test('SSIM', () => {
    expect(agree.ssim.measure(pair(map(2, 2, 1, 2, 3, 4), map(2, 2, 2, 4, 6, 8)))).toBeCloseTo(1, 6);
    // Both the same everywhere: variances 0, means 1 and 1.
    expect(agree.ssim.measure(pair(map(1, 1, 2), map(1, 1, 5)))).toBeCloseTo(1, 12);
    expect(agree.ssim.measure(pair(map(1, 1, 2), map(1, 1, 0)))).toBeNull();
  });
  test('Jensen-Shannon', () => {
    expect(agree['jensen-shannon'].measure(pair(map(1, 2, 1, 0), map(1, 2, 0, 3)))).toBe(1);
    expect(agree['jensen-shannon'].measure(pair(map(1, 2, 1, 3), map(1, 2, 2, 6)))).toBe(0);
    // p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): (log2(4/3) + (log2(2/3) + log2(2)) / 2) / 2
    const expected = (Math.log2(4 / 3) + (Math.log2(2 / 3) + 1) / 2) / 2;
    expect(agree['jensen-shannon'].measure(pair(map(1, 2, 1, 0), map(1, 2, 1, 1)))).toBeCloseTo(expected, 12);
  });
  test('overlap of the top tenth', () => {
    const cells = (...top: number[]): Heatmap =>
      map(4, 5, ...Array.from({ length: 20 }, (_, i) => (top.includes(i) ? 2 + i : 1)));
    expect(agree['top-overlap'].measure(pair(cells(3, 7), cells(7, 9)))).toBe(1 / 2); // k = 2
    // The second top is shared by nineteen cells, 1/19 each: cell 3 in both, and min(1, 1/19) of cell 7.
    expect(agree['top-overlap'].measure(pair(cells(3, 7), cells(3)))).toBeCloseTo((1 + 1 / 19) / 2, 12);
  });
});

describe('faithfulness', () => {
  // A picture of 1 x 4 pixels, one channel; the map names them in the order 0, 1, 2, 3; the model sums them.
  const weights = [0.4, 0.3, 0.2, 0.1];
  const score = (input: Float32Array): Scored => {
    const sum = input.reduce((a, x, i) => a + x * weights[i]!, 0);
    return { logit: 10 * sum, probability: sum, map: map(1, 4, 1, 0, 0, 0) };
  };
  const parts: SubjectParts = {
    input: Float32Array.of(1, 1, 1, 1),
    layout: 'nchw',
    channels: 1,
    height: 1,
    width: 4,
    map: map(1, 4, 4, 3, 2, 1),
    before: score(Float32Array.of(1, 1, 1, 1)),
    seed: 1,
    settings: { steps: 4, deletion: 'zero', insertion: 'zero', shares: [0.5] },
  };
  const of = (metric: FaithfulnessMetric, more: Partial<SubjectParts> = {}) => {
    const subject = subjectOf({ ...parts, ...more });
    return metric.measure(subject, metric.inputs(subject).map(score));
  };

  test('deletion', () => {
    const { value, curve } = of(faith.deletion); // 1, 0.6, 0.3, 0.1, 0
    expect(curve!.map(([, p]) => Number(p.toFixed(6)))).toEqual([1, 0.6, 0.3, 0.1, 0]);
    expect(value).toBeCloseTo((0.5 + 0.6 + 0.3 + 0.1) / 4, 6);
  });
  test('insertion', () => {
    expect(of(faith.insertion).value).toBeCloseTo((0.4 + 0.7 + 0.9 + 0.5) / 4, 6); // 0, 0.4, 0.7, 0.9, 1
  });
  test('ROAD in a row of pixels', () => {
    // Input 1 0 0 0. Without pixels 0 and 1: both become 0, the value beside them. Without 2 and 3: as they are.
    const row = { input: Float32Array.of(1, 0, 0, 0), before: score(Float32Array.of(1, 0, 0, 0)) };
    expect(of(faith['road-morf'], row).value).toBeCloseTo(-0.4, 1); // noise of 0.01 on two pixels
    expect(of(faith['road-lerf'], row).value).toBeCloseTo(0, 1);
    expect(of(faith.road, row).value).toBeCloseTo(0.2, 1);
  });
  test('average drop, increase and gain', () => {
    // Masked input 1, 0.75, 0.5, 0.25: 0.4 + 0.225 + 0.1 + 0.025 = 0.75
    expect(of(faith['average-drop']).value).toBeCloseTo(0.25, 6);
    expect(of(faith['average-increase']).value).toBe(0);
    // A model that gave 0.5 before: no drop, half of what was missing to 1.
    const unsure = { before: { ...parts.before, probability: 0.5 } };
    expect(of(faith['average-drop'], unsure).value).toBe(0);
    expect(of(faith['average-increase'], unsure).value).toBe(1);
    expect(of(faith['average-gain'], unsure).value).toBeCloseTo(0.5, 6);
  });
  test('ARCC', () => {
    // Coherency: Pearson of (1, .75, .5, .25) and (1, 0, 0, 0) is 0.7746; complexity 0.625; average drop 0.25.
    const coherency = (0.375 / Math.sqrt(0.3125 * 0.75) + 1) / 2;
    expect(of(faith.arcc).value).toBeCloseTo(3 / (1 / coherency + 1 / 0.375 + 1 / 0.75), 6);
  });
  test('sensitivity-n and infidelity of a linear model explained by its own contributions', () => {
    // The fall of the logit without a set of cells is the map's sum there times 10: correlation 1, infidelity 0.
    const exact = { map: map(1, 4, ...weights) };
    expect(of(faith['sensitivity-n'], exact).value).toBeCloseTo(1, 6);
    expect(of(faith.infidelity, exact).value).toBeCloseTo(0, 6);
    const reversed = { map: map(1, 4, 0.1, 0.2, 0.3, 0.4) };
    expect(of(faith['sensitivity-n'], reversed).value).toBeLessThan(0);
    expect(of(faith.infidelity, reversed).value).toBeGreaterThan(0);
  });
});

test('the centred baseline is greatest in the middle and the same both ways', () => {
  const { data } = centredMap(3, 3);
  expect(Math.max(...data)).toBe(data[4]);
  expect(data[4]).toBe(1);
  expect(data[1]).toBeCloseTo(Math.exp(-((1 / 3) ** 2) / (2 * 0.25 ** 2)), 6);
  expect(data[0]).toBe(data[8]);
});
