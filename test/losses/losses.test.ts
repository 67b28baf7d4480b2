// Every loss: numbers computed elsewhere, the formula in double precision, central differences of it, edges, and the traced
// function run natively against the eager one.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classWeightsOf } from '../../src/losses/class-weights.ts';
import { lossIds } from '../../src/losses/ids.ts';
import type { Loss, LossExtras, LossFunction } from '../../src/losses/loss.ts';
import { marginsOf } from '../../src/losses/ldam.ts';
import { losses } from '../../src/losses/losses.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { trace } from '../../src/trace/tracer.ts';
import { runNative } from '../trace/native.ts';
import * as reference from './reference.ts';

const counts = [100, 10, 1];
const Z = [
  [2, 0.5, -1],
  [0.1, 0.2, 0.3],
  [0, 1, 3],
  [1, -1, 0.5],
];
const y = [0, 1, 2, 2];
const uniform = [
  [0.1, 0.95, 0.5],
  [0.99, 0.2, 0.4],
  [0.3, 0.3, 0.3],
  [0.91, 0.1, 0.93],
];
const margins = [0.15811388300841897, 0.28117066259517454, 0.5];
const priors = counts.map((n) => Math.log(n / 111));

type Rows = readonly (readonly number[])[];
interface Case {
  readonly title: string;
  readonly loss: LossFunction;
  /** Double precision. */
  readonly formula: (logits: Rows, targets: Rows) => number;
  readonly multiHot?: true;
}

const perPicture = (
  cost: reference.PictureCost,
  weights: readonly number[] | null = null,
  isPlain = false,
): Case['formula'] => {
  return (logits, targets) => reference.overBatch(cost, logits, targets, uniform, { weights, isPlain });
};
const { sigmoid, softplus } = reference;
const cb = counts.map((n) => 0.0001 / (1 - 0.9999 ** n));
const cbWeights = cb.map((w) => (3 * w) / reference.sum(cb));
const bwcce = counts.map((n) => (1 - n / 111) / 2);
const ldamOf = (scale = 30): reference.PictureCost => reference.ldam(margins, scale);

const cases: readonly Case[] = [
  { title: 'ce', loss: losses.ce.build({}), formula: perPicture(reference.ce) },
  { title: 'weighted-ce', loss: losses['weighted-ce'].build({ classCounts: counts }), formula: perPicture(reference.ce, bwcce) },
  { title: 'weighted-ce plain', loss: losses['weighted-ce'].build({ classWeights: [1, 2, 5], mean: 'plain' }), formula: perPicture(reference.ce, [1, 2, 5], true) },
  { title: 'focal', loss: losses.focal.build({}), formula: perPicture(reference.focal(2)) },
  { title: 'focal gamma 0.5', loss: losses.focal.build({ gamma: 0.5 }), formula: perPicture(reference.focal(0.5)) },
  { title: 'focal gamma 0', loss: losses.focal.build({ gamma: 0 }), formula: perPicture(reference.ce) },
  { title: 'ldam', loss: losses.ldam.build({ classCounts: counts }), formula: perPicture(ldamOf()) },
  { title: 'ldam weighted', loss: losses.ldam.build({ classCounts: counts, scale: 3, classWeights: [1, 2, 5] }), formula: perPicture(ldamOf(3), [1, 2, 5]) },
  {
    title: 'lmf',
    loss: losses.lmf.build({ classCounts: counts, ldamWeight: 0.7, focalWeight: 1.3, focalScale: 5, scale: 8 }),
    formula: (z, t) => 0.7 * perPicture(ldamOf(8))(z, t) + 1.3 * perPicture(reference.focal(2))(z.map((row) => row.map((v) => 5 * v)), t),
  },
  {
    title: 'lmf official',
    loss: losses.lmf.build({ classCounts: counts, variant: 'official' }),
    formula: (z, t) => 1.5 * perPicture(ldamOf(), margins)(z, t) + perPicture(reference.focal(1.5), margins, true)(z, t),
  },
  { title: 'class-balanced', loss: losses['class-balanced'].build({ classCounts: counts }), formula: perPicture(reference.ce, cbWeights) },
  { title: 'class-balanced focal', loss: losses['class-balanced'].build({ classCounts: counts, base: 'focal' }), formula: perPicture(reference.focal(2), cbWeights, true) },
  {
    title: 'class-balanced sigmoid',
    loss: losses['class-balanced'].build({ classCounts: counts, base: 'sigmoid' }),
    formula: perPicture((z, label) => reference.sum(z.map((v, j) => (j === label ? softplus(-v) : softplus(v)))), cbWeights, true),
  },
  { title: 'balanced-softmax', loss: losses['balanced-softmax'].build({ classCounts: counts }), formula: perPicture(reference.adjusted((z, j) => z + Math.log(counts[j]!))) },
  { title: 'logit-adjustment', loss: losses['logit-adjustment'].build({ classCounts: counts, tau: 1.5 }), formula: perPicture(reference.adjusted((z, j) => z + 1.5 * priors[j]!)) },
  { title: 'vs', loss: losses.vs.build({ classCounts: counts }), formula: perPicture(reference.adjusted((z, j) => z / (100 / counts[j]!) ** 0.3 + priors[j]!)) },
  { title: 'equalization', loss: losses.equalization.build({ classCounts: counts, lambda: 0.1 }), formula: perPicture(reference.equalization([false, true, true], 0.9)) },
  {
    title: 'label-smoothing',
    loss: losses['label-smoothing'].build({}),
    formula: (z, t) => perPicture(reference.ce)(z, t.map((row) => row.map((v) => 0.9 * v + 0.1 / 3))),
  },
  { title: 'bce', multiHot: true, loss: losses.bce.build({}), formula: (z, t) => reference.overClasses((v, q) => softplus(v) - q * v, z, t) },
  {
    title: 'focal-bce',
    multiHot: true,
    loss: losses['focal-bce'].build({}),
    formula: (z, t) => reference.overClasses((v, q) => q * 0.25 * sigmoid(-v) ** 2 * softplus(-v) + (1 - q) * 0.75 * sigmoid(v) ** 2 * softplus(v), z, t),
  },
  {
    title: 'asl',
    multiHot: true,
    loss: losses.asl.build({}),
    formula: (z, t) =>
      reference.overClasses((v, q) => {
        const shifted = Math.max(sigmoid(v) - 0.05, 0);
        return q * sigmoid(-v) * softplus(-v) - (1 - q) * shifted ** 4 * Math.log(1 - shifted);
      }, z, t),
  },
  {
    title: 'asl without a clip',
    multiHot: true,
    loss: losses.asl.build({ clip: 0, gammaPos: 0, gammaNeg: 2 }),
    formula: (z, t) => reference.overClasses((v, q) => q * softplus(-v) + (1 - q) * sigmoid(v) ** 2 * softplus(v), z, t),
  },
]; // prettier-ignore

const oneHot = (labels: readonly number[], classes = 3): number[][] =>
  labels.map((label) => Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0)));
const manyHot = [
  [1, 0, 1],
  [0, 0, 0],
  [0, 1, 1],
  [1, 1, 1],
];
const shares = [
  [0.7, 0.3, 0],
  [0, 1, 0],
  [0.25, 0, 0.75],
  [0.1, 0.2, 0.7],
];
const tensorOf = (rows: Rows): tf.Tensor2D => tf.tensor2d(rows.map((row) => [...row]));
const extras = (): LossExtras => ({ uniform: tensorOf(uniform) });
const labelsOf = (entry: Case): tf.Tensor => (entry.multiHot ? tensorOf(manyHot) : tf.tensor1d(y, 'int32'));
const targetsOf = (entry: Case): Rows => (entry.multiHot ? manyHot : oneHot(y));
const value = (loss: LossFunction, labels: tf.Tensor, logits: Rows | tf.Tensor): number =>
  tf.tidy(() => loss(labels, logits instanceof tf.Tensor ? logits : tensorOf(logits), extras()).dataSync()[0]!);
const gradientOf = (loss: LossFunction, labels: tf.Tensor, logits: Rows): number[] =>
  tf.tidy(() => [
    ...tf
      .grad((z) => loss(labels, z, extras()))(tensorOf(logits))
      .dataSync(),
  ]);
/** float32 holds seven digits. */
const near = (found: number, expected: number): void =>
  expect(Math.abs(found - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));

describe('numbers computed in double precision elsewhere', () => {
  const labels = tf.tensor1d(y, 'int32');
  const classCounts = counts;
  const golden: readonly (readonly [string, LossFunction, number])[] = [
    ['ce', losses.ce.build({}), 0.6420142710211694],
    ['focal 2', losses.focal.build({ gamma: 2 }), 0.23870006872876853],
    ['focal 1.5', losses.focal.build({ gamma: 1.5 }), 0.2977239242929035],
    ['focal 1.5, alpha m', losses.focal.build({ gamma: 1.5, classWeights: margins }), 0.11391784830439108],
    ['ldam 30', losses.ldam.build({ classCounts }), 10.359401586333247],
    ['ldam 1', losses.ldam.build({ classCounts, scale: 1 }), 0.8123829725841631],
    ['ldam 30, weights m', losses.ldam.build({ classCounts, classWeights: margins }), 12.656232160806569],
    ['lmf', losses.lmf.build({ classCounts, ldamWeight: 1, focalWeight: 1, gamma: 2, maxMargin: 0.5, scale: 30 }), 10.598101655062015], // prettier-ignore
    ['lmf by default', losses.lmf.build({ classCounts }), 10.598101655062015],
    ['lmf official', losses.lmf.build({ classCounts, variant: 'official' }), 19.098266089514247],
    ['logit adjustment', losses['logit-adjustment'].build({ classCounts }), 2.3644349556962156],
    ['balanced softmax', losses['balanced-softmax'].build({ classCounts }), 2.3644349556962156],
    ['vs', losses.vs.build({ classCounts }), 2.988231682447018],
    ['bwcce', losses['weighted-ce'].build({ classCounts }), 0.7490330579704603],
  ];
  test.each(golden)('%s', (_, loss, expected) => near(value(loss, labels, Z), expected));
});

describe.each(cases.map((entry) => [entry.title, entry] as const))('%s', (_, entry) => {
  test('equals its formula', () => {
    near(value(entry.loss, labelsOf(entry), Z), entry.formula(Z, targetsOf(entry)));
    near(value(entry.loss, tensorOf(shares), Z), entry.formula(Z, shares));
  });

  test.each([['labels'], ['shares']])('gradient equals central differences: %s', (kind) => {
    const targets = kind === 'shares' ? shares : targetsOf(entry);
    const found = gradientOf(entry.loss, kind === 'shares' ? tensorOf(shares) : labelsOf(entry), Z);
    const h = 1e-5;
    const moved = (i: number, k: number, by: number): number =>
      entry.formula(Z.map((row, r) => row.map((v, c) => (r === i && c === k ? v + by : v))), targets); // prettier-ignore
    const expected = Z.flatMap((row, i) => row.map((_, k) => (moved(i, k, h) - moved(i, k, -h)) / (2 * h)));
    const most = Math.max(1, ...expected.map(Math.abs));
    for (const [index, slope] of expected.entries()) expect(Math.abs(found[index]! - slope)).toBeLessThan(1e-4 * most);
  });

  test('logits of 1e4 and 0 stay finite, value and gradient', () => {
    for (const logits of [[[1e4, -1e4, 0]], [[0, 0, 0]], [[-1e4, -1e4, 1e4]]]) {
      for (const label of [0, 1, 2]) {
        const labels = tf.tensor1d([label], 'int32');
        const single: LossFunction = (l, z) => entry.loss(l, z, { uniform: tensorOf([uniform[0]!]) });
        const found = value(single, labels, logits);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThan(Infinity);
        expect(gradientOf(single, labels, logits).every(Number.isFinite)).toBe(true);
        const targets = oneHot([label]);
        const expected = entry.formula(logits, targets);
        expect(Math.abs(found - expected)).toBeLessThan(1e-5 * Math.max(1, expected));
      }
    }
  });

  test('weights of one change nothing, others do', () => {
    const logits = tensorOf(Z);
    const weighted = (weights: number[]): number =>
      entry.loss(labelsOf(entry), logits, { ...extras(), classWeights: tf.tensor1d(weights) }).dataSync()[0]!;
    near(weighted([1, 1, 1]), entry.formula(Z, targetsOf(entry)));
    expect(weighted([1, 1, 10])).not.toBeCloseTo(entry.formula(Z, targetsOf(entry)), 3);
  });

  test('recorded and run natively, value and gradient equal the eager ones', async () => {
    const labels = labelsOf(entry);
    const weights = tf.tensor1d([1, 2, 0.5]);
    const both = (l: tf.Tensor, z: tf.Tensor, given: LossExtras): Record<string, tf.Tensor> => {
      const { value: loss, grad } = tf.valueAndGrad((x: tf.Tensor) => entry.loss(l, x, given))(z);
      return { loss, grad };
    };
    const graph = trace((tracer) => {
      const l = tracer.input('labels', { dtype: entry.multiHot ? 'float32' : 'int32', shape: labels.shape });
      const z = tracer.input('logits', { dtype: 'float32', shape: [4, 3] });
      const classWeights = tracer.input('weights', { dtype: 'float32', shape: [3] }) as tf.Tensor1D;
      const draws = tracer.input('uniform', { dtype: 'float32', shape: [4, 3] }) as tf.Tensor2D;
      return both(l, z, { classWeights, uniform: draws });
    });
    for (const rows of [
      Z,
      [
        [1e4, 0, -1e4],
        [0, 0, 0],
        [-1e4, 1e4, 1],
        [1e4, -1e4, 0],
      ],
    ]) {
      // prettier-ignore
      const logits = tensorOf(rows);
      const found = await runNative(graph, { labels, logits, weights, uniform: tensorOf(uniform) });
      const expected = both(labels, logits, { classWeights: weights, uniform: tensorOf(uniform) });
      for (const key of ['loss', 'grad']) {
        const [a, b] = [[...found[key]!.dataSync()], [...expected[key]!.dataSync()]];
        const most = Math.max(1e-3, ...b.map(Math.abs));
        for (const [index, item] of b.entries()) expect(Math.abs(a[index]! - item)).toBeLessThan(1e-5 * most);
      }
    }
  });
});

test('a class without pictures is treated as the rarest that has some', () => {
  const labels = tf.tensor1d([0, 1, 1, 0], 'int32');
  for (const id of lossIds) {
    const loss: Loss = losses[id];
    if (!('classCounts' in loss.options)) continue;
    const absent = value(loss.build({ classCounts: [100, 10, 0] }), labels, Z);
    near(absent, value(loss.build({ classCounts: [100, 10, 10] }), labels, Z));
    expect(absent).toBeLessThan(Infinity);
  }
});

test('one picture, and a batch in another order', () => {
  const reversed = (): LossExtras => ({ uniform: tensorOf([...uniform].reverse()) });
  for (const { loss, multiHot, formula } of cases) {
    const labels = multiHot ? tensorOf(manyHot.slice(0, 1)) : tf.tensor1d([0], 'int32');
    const found = loss(labels, tensorOf(Z.slice(0, 1)), { uniform: tensorOf(uniform.slice(0, 1)) }).dataSync()[0]!;
    near(found, formula(Z.slice(0, 1), multiHot ? manyHot.slice(0, 1) : oneHot([0])));
    const turned = multiHot ? tensorOf([...manyHot].reverse()) : tf.tensor1d([...y].reverse(), 'int32');
    near(
      loss(turned, tensorOf([...Z].reverse()), reversed()).dataSync()[0]!,
      formula(Z, multiHot ? manyHot : oneHot(y)),
    );
  }
});

test('one number added to all logits of a picture changes no softmax loss', () => {
  const lifted = Z.map((row, i) => row.map((v) => v + 3 * i));
  for (const { title, loss, multiHot } of cases)
    if (multiHot !== true && !title.endsWith('sigmoid') && title !== 'vs')
      expect(value(loss, tf.tensor1d(y, 'int32'), lifted)).toBeCloseTo(value(loss, tf.tensor1d(y, 'int32'), Z), 4);
});

test('equalization draws for itself where nothing is given, again the same from the same seed', () => {
  const values = [1, 1, 2].map((seed) => {
    const loss = losses.equalization.build({ classCounts: counts, lambda: 0.5, gamma: 0.5, seed });
    return Array.from({ length: 6 }, () => loss(tf.tensor1d(y, 'int32'), tensorOf(Z)).dataSync()[0]!);
  });
  expect(values[0]).toEqual(values[1]);
  expect(values[0]).not.toEqual(values[2]);
  expect(new Set(values[0]).size).toBeGreaterThan(1);
});

test('tensors of a call are freed with its tidy', () => {
  const labels = tf.tensor1d(y, 'int32');
  const before = tf.memory().numTensors;
  for (const { loss, multiHot } of cases) if (multiHot !== true) value(loss, labels, Z);
  expect(tf.memory().numTensors).toBe(before);
});

describe('options', () => {
  const build = (id: keyof typeof losses, options: object): unknown => (losses[id] as Loss).build(options);
  const codeOf = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
    return 'nothing thrown';
  };
  test.each([
    ['unknown-option', () => build('lmf', { classCounts: counts, ldamweight: 1 })],
    ['unknown-option', () => build('ce', { gamma: 1 })],
    ['missing-option', () => build('lmf', {})],
    ['missing-option', () => build('weighted-ce', {})],
    ['bad-option', () => build('ldam', { classCounts: [] })],
    ['bad-option', () => build('ldam', { classCounts: [0, 0] })],
    ['bad-option', () => build('ldam', { classCounts: [3, -1] })],
    ['bad-option', () => build('ldam', { classCounts: [3, 1.5] })],
    ['bad-option', () => build('ldam', { classCounts: counts, scale: 0 })],
    ['bad-option', () => build('focal', { gamma: -1 })],
    ['bad-option', () => build('focal', { gamma: NaN })],
    ['bad-option', () => build('focal', { gamma: '2' })],
    ['bad-option', () => build('lmf', { classCounts: counts, variant: 'other' })],
    ['bad-option', () => build('class-balanced', { classCounts: counts, beta: 1 })],
    ['bad-option', () => build('bce', { classWeights: [0, 0, 0] })],
    ['loss-classes', () => losses.ldam.build({ classCounts: [3, 2] })(tf.tensor1d(y, 'int32'), tensorOf(Z))],
    ['loss-shapes', () => losses.ce.build({})(tf.tensor1d([0], 'int32'), tensorOf(Z))],
    ['loss-shapes', () => losses.ce.build({})(tensorOf([[1, 0], [1, 0], [1, 0], [1, 0]]), tensorOf(Z))], // prettier-ignore
  ])('%s', (code, work) => expect(codeOf(work)).toBe(code));

  test('undefined is as good as absent', () => {
    near(
      value(losses.focal.build({ gamma: undefined, classWeights: undefined }), tf.tensor1d(y, 'int32'), Z),
      0.23870006872876853,
    );
  });
});

test('files, table, ids and described options agree', () => {
  const shared = ['class-weights', 'ids', 'loss', 'losses', 'options', 'terms'];
  const files = readdirSync(new URL('../../src/losses', import.meta.url)).map((name) => name.replace(/\.ts$/, ''));
  expect(files.filter((name) => !shared.includes(name)).sort()).toEqual(Object.keys(losses).sort());
  expect(lossIds).toEqual(Object.keys(losses));
  for (const [id, loss] of Object.entries<Loss>(losses)) {
    expect(loss.id).toBe(id);
    const error = catchError(() => loss.build({ classCounts: counts, 'no such option': 1 }));
    if (id !== 'weighted-ce' && 'classCounts' in loss.options)
      expect(error).toContain(Object.keys(loss.options).at(-1));
    for (const name of Object.keys(loss.options)) expect(error, `${id} reads ${name}`).toContain(name);
  }
});

test('weights of classes', () => {
  expect(classWeightsOf('inverse', [1, 3])).toEqual([1.5, 0.5]);
  expect(classWeightsOf('sqrt-inverse', [1, 9])).toEqual([1.5, 0.5]);
  expect(classWeightsOf('none', [1, 9])).toEqual([1, 1]);
  const expected = [0.0271587216, 0.270368874, 2.7024724044];
  for (const [k, weight] of classWeightsOf('class-balanced', counts).entries())
    expect(weight).toBeCloseTo(expected[k]!, 9);
});

function catchError(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return String(error);
  }
}

test('margins on HAM10000: akiec, bcc, bkl, df, mel, nv, vasc', () => {
  const expected = [0.385041, 0.343877, 0.284377, 0.5, 0.283479, 0.180944, 0.474321];
  for (const [k, margin] of marginsOf([327, 514, 1099, 115, 1113, 6705, 142], 0.5).entries())
    expect(margin).toBeCloseTo(expected[k]!, 6);
});

test('logit scales', () => {
  expect(losses.ce.logitScale({})).toBe(1);
  expect(losses.ldam.logitScale({ classCounts: counts })).toBe(30);
  expect(losses.lmf.logitScale({ classCounts: counts, scale: 12 })).toBe(12);
});
