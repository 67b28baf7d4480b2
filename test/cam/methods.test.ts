// Two cells, two channels, gradients given: small enough to work every map on paper.
//   A = [cell 1: (1, 2), cell 2: (3, -1)]      G = [cell 1: (2, -1), cell 2: (0, 4)]
import { describe, expect, test } from 'vitest';
import { isManyPass, type Cam, type MapMethod } from '../../src/cam/method.ts';
import { methods } from '../../src/cam/methods.ts';
import { tf } from '../../src/tf/tfjs.ts';

function cam(activations: number[], gradients: number[]): Cam {
  const of = (values: number[]): tf.Tensor4D => tf.tensor4d(values, [1, 1, 2, 2]);
  return {
    activations: of(activations),
    gradients: () => of(gradients),
    score: () => tf.zeros([1]),
    scores: () => tf.zeros([1]),
    gradientsOf: () => of(gradients),
    tapped: [],
    tokens: null,
    logits: tf.zeros([1, 2]),
  };
}
const worked = cam([1, 2, 3, -1], [2, -1, 0, 4]);
const mapOf = (id: keyof typeof methods, given = worked): number[] => {
  const method: MapMethod = methods[id];
  if (isManyPass(method)) throw new Error(`${id} takes many passes`);
  return tf.tidy(() => [...method.map(given).dataSync()]);
};
const close = (values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 5) as unknown);

describe('by hand', () => {
  test('Grad-CAM: alpha = (1, 1.5)', () => {
    expect(mapOf('gradcam')).toEqual(close([1 + 3, 3 - 1.5]));
  });
  test('HiResCAM: products (2, -2), (0, -4)', () => {
    expect(mapOf('hirescam')).toEqual(close([0, 0]));
    expect(mapOf('hirescam', cam([1, 2, 3, 1], [2, -0.5, 0, 4]))).toEqual(close([1, 4]));
  });
  test('LayerCAM: only positive gradients count', () => {
    expect(mapOf('layercam')).toEqual(close([2, 0]));
    expect(mapOf('layercam', cam([1, 2, 3, 1], [2, -1, 0, 4]))).toEqual(close([2, 4]));
  });
  test('element-wise: the ReLU comes before the sum', () => {
    expect(mapOf('gradcam-elementwise')).toEqual(close([2, 0]));
  });
  test('XGrad-CAM: w = (2 / 4, (-2 - 4) / 1)', () => {
    expect(mapOf('xgradcam')).toEqual(close([0, 1.5 + 6]));
  });
  test('Grad-CAM++: g2 = (4, 1), (0, 16); sums of A (4, 1)', () => {
    // channel 1: cell 1: 4 / (8 + 4 * 8) * 2 = 0.2, cell 2: no gradient; channel 2: cell 1: negative, cell 2: 16 / (32 + 64) * 4
    const [w1, w2] = [0.2, (16 / 96) * 4];
    expect(mapOf('gradcam++')).toEqual(close([w1 + 2 * w2, Math.max(0, 3 * w1 - w2)]));
  });
  test('Eigen-CAM: two cells have one component, half their distance to each side', () => {
    const half = Math.hypot(2, 3) / 2;
    const [first, second] = mapOf('eigencam');
    expect([first, second].sort()).toEqual(close([0, half]));
  });
});

test('Eigen-CAM finds the first principal direction of many cells, whichever matrix is squared', () => {
  // Features along (3, 4) / 5 with a little along (-4, 3) / 5: the projection on the first is known.
  const along = [-3, -1, 0, 1, 5, -2];
  const across = [0.1, -0.2, 0.1, 0.2, -0.1, -0.1];
  const mean = along.reduce((a, b) => a + b) / 6;
  const values = along.flatMap((a, index) => [(3 * a - 4 * across[index]!) / 5, (4 * a + 3 * across[index]!) / 5]);
  for (const padding of [0, 10]) {
    const wide = tf.tidy(() =>
      tf.pad(tf.tensor4d(values, [1, 2, 3, 2]), [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, padding],
      ]),
    );
    const given: Cam = { ...worked, activations: wide };
    const map = mapOf('eigencam', given);
    for (const [index, a] of along.entries()) expect(map[index]).toBeCloseTo(Math.max(0, a - mean), 1);
  }
});

describe('properties', () => {
  test('all-negative evidence is a zero map, never NaN', () => {
    const negative = cam([1, 1, 1, 1], [-1, -2, -3, -4]);
    for (const id of ['gradcam', 'gradcam++', 'hirescam', 'layercam', 'xgradcam', 'gradcam-elementwise'] as const)
      expect(mapOf(id, negative)).toEqual([0, 0]);
  });
  test('zero activations and gradients give a zero map', () => {
    const zero = cam([0, 0, 0, 0], [0, 0, 0, 0]);
    for (const method of Object.values<MapMethod>(methods))
      if (!isManyPass(method) && method.at !== 'tokens')
        expect(mapOf(method.id as keyof typeof methods, zero)).toEqual([0, 0]);
  });
  test('ids are the keys of the table', () => {
    for (const [key, method] of Object.entries(methods)) expect(method.id).toBe(key);
  });
});
