// Methods worked on paper whose maps need more than one gradient: another score, a curvature, biases, attention. Where feature maps
// have no others, A = [cell 1: (1, 2), cell 2: (3, -1)].
import { describe, expect, test } from 'vitest';
import type { Cam, CamMethod, Tapped } from '../../src/cam/method.ts';
import { methods } from '../../src/cam/methods.ts';
import type { Passes } from '../../src/cam/passes.ts';
import { Random } from '../../src/lib/random.ts';
import { tf } from '../../src/tf/tfjs.ts';

/** [channels] of every cell in turn. */
type Cells = readonly (readonly number[])[];
/** Feature maps `[1, 1, cells, channels]` -> logits `[1, classes]`. */
type Head = (features: tf.Tensor4D) => tf.Tensor2D;

const row = (cells: Cells): tf.Tensor4D => tf.tensor4d(cells.flat(), [1, 1, cells.length, cells[0]!.length]);
const A: Cells = [
  [1, 2],
  [3, -1],
];

/** What a method sees of a network that is nothing but a head, class 0 explained. */
function cam(cells: Cells, head: Head, tapped: readonly Tapped[] = []): Cam {
  const activations = row(cells);
  const score = (logits: tf.Tensor2D): tf.Tensor1D => tf.reshape(tf.slice(logits, [0, 0], [1, 1]), [1]);
  const gradientsOf: Cam['gradientsOf'] = ({ score: of = score, at = activations }) =>
    tf.grad((features) => tf.sum(of(head(features as tf.Tensor4D), tf.tensor1d([0], 'int32'))))(at) as tf.Tensor4D;
  return {
    activations,
    gradients: () => gradientsOf({}),
    score: (features) => score(head(features)),
    scores: () => score(head(activations)),
    gradientsOf,
    logits: head(activations),
    tapped,
    tokens: null,
  };
}
/** logits_c = sum_cells sum_k weights_kc A_k + bias_c */
const linear =
  (weights: readonly (readonly number[])[], bias: readonly number[]): Head =>
  (features) =>
    tf.add(tf.matMul(tf.sum<tf.Tensor2D>(features, [1, 2]), tf.tensor2d(weights.map((one) => [...one]))), [bias]);

const mapOf = (method: CamMethod, given: () => Cam): number[] =>
  tf.tidy(() => Array.from(method.map(given()).dataSync()));
const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 5) as unknown);

describe('at the layer', () => {
  test('CAM: w = (2, 3) after a mean over the two cells, so the gradient is (1, 1.5) in each; M = A w', () => {
    const head = linear([[1], [1.5]], [7]);
    expect(mapOf(methods.cam, () => cam(A, head))).toEqual(close([2 * 1 + 3 * 2, 2 * 3 + 3 * -1]));
  });

  test('Finer-CAM with one other class is Grad-CAM of the difference of the logits', () => {
    // dS/dA = (1, 0) - (-1, 2) = (2, -2): cell 1: 2 - 4 < 0, cell 2: 6 + 2
    const head = linear(
      [
        [1, -1],
        [0, 2],
      ],
      [0, 5],
    );
    expect(mapOf(methods.finercam, () => cam(A, head))).toEqual(close([0, 8]));
  });

  test('Finer-CAM: the weights of the other classes are differentiated too', () => {
    // The sums of A are 4 and 1; logits (4, ln 3, 0), of which the second is that sum 1 plus a bias.
    // q = softmax(ln 3, 0) = (3/4, 1/4); S = y_1 - q_2 y_2 - q_3 y_3; dq_2 = -dq_3 = q_2 q_3 (dy_2 - dy_3), so
    // dS/dA_1 = 1, dS/dA_2 = -q_2 - q_2 q_3 (y_2 - y_3) = -3/4 - 3/16 ln 3
    const head = linear(
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      [0, Math.log(3) - 1, 0],
    );
    const second = -3 / 4 - (3 / 16) * Math.log(3);
    expect(mapOf(methods.finercam, () => cam(A, head))).toEqual(close([0, 3 - second])); // cell 1: 1 - 2 * 0.956
  });

  test('Finer-CAM: the three nearest logits count, not the three greatest', () => {
    // Logits (4, 3, 3, 3, 6): the last is farther from 4 than the others, all weights 1/3 and their changes cancel.
    // dS/dA_1 = 1 - (3 + 0 + 0) / 3 = 0, dS/dA_2 = 0 - (0 - 3 + 0) / 3 = 1
    const head = linear(
      [
        [1, 3, 0, 0, 10],
        [0, 0, -3, 0, 10],
      ],
      [0, 3 - 12, 3 + 3, 3, 6 - 50],
    );
    expect(mapOf(methods.finercam, () => cam(A, head))).toEqual(close([2, 0]));
  });

  test('ShapleyCAM: y = sum_cells A_1 A_2, so g = (A_2, A_1) and H A = g; half the gradient is left', () => {
    // g = (2, 1), (-1, 3); w = 1/2 (0.5, 2); cell 1: 0.25 + 2, cell 2: 0.75 - 1 < 0
    const head: Head = (features) => {
      const [first, second] = tf.split(features, 2, 3);
      return tf.reshape(tf.sum(tf.mul(first!, second!)), [1, 1]);
    };
    expect(mapOf(methods.shapleycam, () => cam(A, head))).toEqual(close([2.25, 0]));
  });

  test('ShapleyCAM of a linear head is Grad-CAM: w = (1, 1.5)', () => {
    expect(mapOf(methods.shapleycam, () => cam(A, linear([[1], [1.5]], [0])))).toEqual(close([1 + 3, 3 - 1.5]));
  });

  test('FEM: of six cells those beyond two deviations count', () => {
    // (0 x 5, 6): mean 1, deviation sqrt 5, 6 > 1 + 2 sqrt 5 = 5.47: w = 1/6.   (2 x 5, 8): mean 3, 8 > 7.47: w = 1/6.
    // (1, 1, 1, -1, -1, -1): mean 0, deviation 1, nothing > 2: w = 0.           (5 x 6): nothing > 5: w = 0.
    const cells = [
      [0, 8, 1, 5],
      [0, 2, 1, 5],
      [6, 2, 1, 5],
      [0, 2, -1, 5],
      [0, 2, -1, 5],
      [0, 2, -1, 5],
    ];
    const map = mapOf(methods.fem, () => cam(cells, linear([[0], [0], [0], [0]], [0])));
    expect(map).toEqual(close([8 / 6, 2 / 6, (6 + 2) / 6, 2 / 6, 2 / 6, 2 / 6]));
  });

  test('Smooth Grad-CAM++: gradients 1 and 3 in cell 1, -1 and 1 in cell 2; channel 2 the other way round, twice', async () => {
    const gradients = [
      [1, -2, -1, 2],
      [3, 2, 1, 6],
    ];
    const passes: Partial<Passes> = {
      ...{ layerShape: [1, 2, 2], picture: new Float32Array(4), settings: { samples: '2', noise: '0.1' } },
      random: () => Random.of(0, 'test'),
      features: () => Float32Array.of(2, 0, 1, 4),
      async *layerGradients(pictures, count) {
        expect([...pictures]).toHaveLength(count);
        for (const gradient of gradients) {
          const values = Float32Array.of(2, 0, 1, 4);
          yield await Promise.resolve({ score: 0, values, gradient: Float32Array.from(gradient) });
        }
      },
    };
    // Channel 1: sum of A 3; cell 1: D = 2, 5, 14: alpha = 5 / (10 + 3 * 14); cell 2: D1 = 0. w_1 = 5/52 * 2.
    // Channel 2: sum of A 4; cell 1: D1 = 0; cell 2: D = 4, 20, 112: alpha = 20 / (40 + 4 * 112). w_2 = 20/488 * 4.
    const [first, second] = [10 / 52, 80 / 488];
    const { map } = await methods['smoothgradcam++'].explain(passes as Passes);
    expect([...map]).toEqual(close([2 * first, first + 4 * second]));
  });
});

describe('at the input', () => {
  // s = 2 x_1 - x_2 in cell 1, 4 x_2 in cell 2
  const head: Head = (picture) =>
    tf.reshape(
      tf.sum(
        tf.mul(
          picture,
          row([
            [2, -1],
            [0, 4],
          ]),
        ),
      ),
      [1, 1],
    );

  test('gradient: the greatest of |2|, |-1| and of |0|, |4|', () => {
    expect(mapOf(methods.gradient, () => cam(A, head))).toEqual(close([2, 4]));
  });
  test('gradient x input: 2 * 1 - 1 * 2 and 0 * 3 - 4 * 1, signed', () => {
    expect(mapOf(methods['gradient-x-input'], () => cam(A, head))).toEqual(close([0, -4]));
  });
  test('FullGrad: |2| + |-2| and |0| + |-4| of the picture, and of one bias 2 of a feature map of one cell 3 |2 * -1.5|', () => {
    const feature: Tapped = {
      value: tf.zeros([1, 2, 1, 1]),
      gradient: () => tf.tensor4d([-1.5, 5], [1, 2, 1, 1]),
      bias: tf.tensor4d([2, 0], [1, 2, 1, 1]),
    };
    const dense: Tapped = { value: tf.zeros([1, 3]), gradient: () => tf.ones([1, 3]), bias: tf.ones([3]) }; // has no place
    const none: Tapped = { ...feature, bias: null };
    expect(mapOf(methods.fullgrad, () => cam(A, head, [feature, dense, none]))).toEqual(close([4 + 3, 4 + 3]));
  });
  test('FullGrad: two cells (0, 4) over four of the picture are 0, 1, 3, 4: cell centres, bilinear', () => {
    const feature: Tapped = {
      value: tf.zeros([1, 1, 1, 2]),
      gradient: () => tf.tensor4d([0, -2], [1, 1, 1, 2]),
      bias: tf.tensor4d([2], [1, 1, 1, 1]),
    };
    const black = [[0], [0], [0], [0]];
    expect(mapOf(methods.fullgrad, () => cam(black, linear([[1]], [0]), [feature]))).toEqual(close([0, 1, 3, 4]));
  });
});

describe('rollouts: a class token and two cells, two heads, two blocks', () => {
  type Matrix = readonly (readonly [number, number, number])[];
  const block = (values: readonly [Matrix, Matrix], gradients: readonly [Matrix, Matrix] = values): Tapped => {
    const of = (heads: readonly [Matrix, Matrix]): tf.Tensor => tf.tensor(heads.flat(2), [1, 2, 3, 3]);
    return { value: of(values), gradient: () => of(gradients), bias: null };
  };
  const given = (blocks: readonly Tapped[], prefix = 1, pooled = false): Cam => ({
    ...cam(A, linear([[1], [1]], [0]), blocks),
    tokens: { grid: [1, 3 - prefix], prefix, pooled },
  });
  const all = (value: number): Matrix => [0, 1, 2].map(() => [value, value, value]);
  const swap: Matrix = [
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 1],
  ];
  const other: Matrix = [
    [0, 0, 1],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const up: Matrix = [
    [0, 1, 0],
    [0, 1, 0],
    [0, 1, 0],
  ];

  test('attention rollout', () => {
    // Block 1: mean of the heads (0, 1/2, 1/2), (1/2, 1/2, 0), (0, 0, 1); with I, halved: (1/2, 1/4, 1/4), (1/4, 3/4, 0), (0, 0, 1).
    // Block 2: the class token's row (0, 1, 0) becomes (1/2, 1/2, 0). Row of the product: (3/8, 1/2, 1/8).
    const blocks = (): Tapped[] => [block([swap, other]), block([up, up])];
    expect(mapOf(methods['attention-rollout'], () => given(blocks()))).toEqual(close([1 / 2, 1 / 8]));
    // Without a class token all rows count. Rows of block 2: (1/2, 1/2, 0), (0, 1, 0), (0, 1/2, 1/2), whose products are
    // (3/8, 1/2, 1/8), (1/4, 3/4, 0), (1/8, 3/8, 1/2).
    const means = [(3 + 2 + 1) / 24, (4 + 6 + 3) / 24, (1 + 0 + 4) / 24];
    expect(mapOf(methods['attention-rollout'], () => given(blocks(), 0, true))).toEqual(close(means));
    // A class token that the head leaves out: the last two of those rows, and of them the last two columns.
    const ofGrid = [(6 + 3) / 16, (0 + 4) / 16];
    expect(mapOf(methods['attention-rollout'], () => given(blocks(), 1, true))).toEqual(close(ofGrid));
  });

  test('gradient-weighted rollout', () => {
    // Block 1: gradients 1 and -1: the second head is dropped, B_1 = 1/2 swap; R_1 = I + B_1 = (1, 1/2, 0), (1/2, 1, 0), (0, 0, 3/2).
    // Block 2: gradients 2, both heads `other`: B_2's first row is (0, 0, 2); R_2 = R_1 + B_2 R_1: (1, 1/2, 0) + 2 (0, 0, 3/2).
    const blocks = (): Tapped[] => [block([swap, other], [all(1), all(-1)]), block([other, other], [all(2), all(2)])];
    expect(mapOf(methods['gradient-rollout'], () => given(blocks()))).toEqual(close([1 / 2, 3]));
  });
});
