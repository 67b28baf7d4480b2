// Methods of many passes by hand, on networks small enough for paper: the score is linear, s(x) = sum_i w_i x_i, in the picture and,
// where a method looks at feature maps, in those.
import { describe, expect, test } from 'vitest';
import type { Gradient, Passes } from '../../src/cam/passes.ts';
import { settingsOf } from '../../src/cam/parameters.ts';
import type { PassMethod } from '../../src/cam/method.ts';
import { methods } from '../../src/cam/methods.ts';
import { Random } from '../../src/lib/random.ts';

interface Linear {
  readonly picture: readonly number[];
  readonly weights: readonly number[];
  readonly features?: readonly number[];
  readonly featureWeights?: readonly number[];
  /** [height, width, channels] of picture and feature maps. */
  readonly inputShape: readonly [number, number, number];
  readonly layerShape?: readonly [number, number, number];
  readonly settings?: Readonly<Record<string, string>>;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, at) => sum + value * b[at]!, 0);

function linear(method: PassMethod, given: Linear): Passes {
  const { picture, weights, features = picture, featureWeights = weights, inputShape, settings = {} } = given;
  const score = (x: ArrayLike<number>): number => dot(x, weights);
  async function* gradients(pictures: Iterable<Float32Array>): AsyncGenerator<Gradient> {
    for (const values of pictures)
      yield await Promise.resolve({ score: score(values), values, gradient: Float32Array.from(weights) });
  }
  const layerShape = given.layerShape ?? inputShape;
  return {
    inputShape,
    layerShape,
    picture: Float32Array.from(picture),
    black: new Float32Array(picture.length),
    settings: settingsOf(method.id, settings),
    random: () => Random.of(0, 'test'),
    scores: (pictures) => Promise.resolve(Float32Array.from(Array.from(pictures, score))),
    inputGradients: gradients,
    layerGradients: gradients,
    features: () => Float32Array.from(features),
    scaledScores: (scales) =>
      Promise.resolve(
        Float32Array.from(
          Array.from(scales, (scale) =>
            dot(
              features.map((value, at) => value * scale[at % layerShape[2]]!),
              featureWeights,
            ),
          ),
        ),
      ),
  };
}

async function mapOf(method: PassMethod, given: Linear): Promise<number[]> {
  return [...(await method.explain(linear(method, given))).map];
}
const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 5) as unknown);

describe('by hand', () => {
  test('Ablation-CAM: A = (1, 2), (3, 0), w = 1, 0.5 in both cells; y = 4 + 1 = 5, without channel 1: 1, without channel 2: 4', async () => {
    const given = { picture: [1, 2, 3, 0], weights: [1, 0.5, 1, 0.5], inputShape: [1, 2, 2] as const };
    // w = (5 - 1) / 5, (5 - 4) / 5; L = 0.8 A_1 + 0.2 A_2
    expect(await mapOf(methods.ablationcam, given)).toEqual(close([0.8 + 0.4, 2.4]));
  });

  test('Score-CAM: masks (0, 1) and (1, 0) leave pictures (0, 2), (1, 0), whose scores are 6 and 1', async () => {
    const given = {
      ...{ picture: [1, 2], weights: [1, 3], inputShape: [1, 2, 1] as const },
      ...{ features: [0, 5, 4, 1], layerShape: [1, 2, 2] as const },
    };
    const share = 1 / (1 + Math.exp(1 - 6)); // softmax of 6 and 1
    expect(await mapOf(methods.scorecam, given)).toEqual(close([5 * (1 - share), 4 * share + (1 - share)]));
    // The increase over the black picture, whose score is 0, is 6 and 1.
    expect(await mapOf(methods.scorecam, { ...given, settings: { weights: 'increase' } })).toEqual(close([5, 24 + 1]));
  });

  test('Score-CAM: a constant feature map asks for the black picture', async () => {
    const given = {
      ...{ picture: [1, 2], weights: [1, 3], inputShape: [1, 2, 1] as const },
      ...{ features: [0, 7, 4, 7], layerShape: [1, 2, 2] as const, settings: { weights: 'increase' } },
    };
    expect(await mapOf(methods.scorecam, given)).toEqual(close([0, 24])); // weights 6 and 0
  });

  test('Integrated Gradients of a linear score are weights times difference from the baseline, whatever the steps', async () => {
    const given = {
      picture: [2, -1, 4],
      weights: [1, 3, -0.5],
      inputShape: [1, 3, 1] as const,
      settings: { steps: '1' },
    };
    expect(await mapOf(methods['integrated-gradients'], given)).toEqual(close([2, -3, -2]));
    // Channels are summed, and from the mean (5 / 3) the way is shorter.
    const mean = 5 / 3;
    const settings = { steps: '3', baseline: 'mean' };
    expect(await mapOf(methods['integrated-gradients'], { ...given, settings })).toEqual(
      close([2 - mean, 3 * (-1 - mean), -0.5 * (4 - mean)]),
    );
  });

  test('occlusion: windows of two cells, one apart; a cell has the mean of the windows over it', async () => {
    const given = {
      ...{ picture: [1, 1, 1, 1], weights: [4, 0, 2, -2], inputShape: [1, 4, 1] as const },
      settings: { window: '0.5', stride: '0.5' },
    };
    // Drops: cells 1-2: 4, 2-3: 2, 3-4: 0.
    expect(await mapOf(methods.occlusion, given)).toEqual(close([4, (4 + 2) / 2, (2 + 0) / 2, 0]));
  });

  test('SmoothGrad of a linear score is the absolute weight, the greatest over the channels, whatever the noise', async () => {
    const given = { picture: [1, 2, 3, 4], weights: [1, -3, 0.5, 0], inputShape: [1, 2, 2] as const };
    expect(await mapOf(methods.smoothgrad, given)).toEqual(close([3, 0.5]));
  });

  test('RISE finds the cell that the score rests on', async () => {
    const weights = Array.from({ length: 64 }, (_, at) => (at === 8 * 5 + 2 ? 1 : 0));
    const given = {
      picture: weights.map(() => 1),
      weights,
      inputShape: [8, 8, 1] as const,
      settings: { masks: '3000', cells: '4' },
    };
    const map = await mapOf(methods.rise, given);
    const peak = map.indexOf(Math.max(...map));
    expect(Math.abs((peak % 8) - 2) + Math.abs(Math.floor(peak / 8) - 5)).toBeLessThanOrEqual(1);
  });
});
