// Map metrics against what Quantus, pytorch-grad-cam, torch-cam, scikit-learn, scikit-image and SciPy recorded on the same
// maps, masks and linear model (test/fixtures/make/map_metrics.py).
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Heatmap, Mask } from '../../../src/image/picture.ts';
import { imputed } from '../../../src/metrics/maps/imputation.ts';
import { coherency, complexity } from '../../../src/metrics/maps/faithfulness/arcc.ts';
import {
  agreementMetrics as agree,
  complexityMetrics as shape,
  faithfulnessMetrics as faith,
  localisationMetrics as locate,
} from '../../../src/metrics/maps/metrics.ts';
import type { FaithfulnessMetric, Measured } from '../../../src/metrics/maps/metric.ts';
import { pairOf } from '../../../src/metrics/maps/pair.ts';
import { sceneOf, seenMask } from '../../../src/metrics/maps/scene.ts';
import { firstOf, subjectOf, type Scored, type Subject } from '../../../src/metrics/maps/subject.ts';
import { Random } from '../../../src/lib/random.ts';

type Plain<T> = Omit<T, 'data'> & { data: number[] };
interface Recorded {
  localisation: {
    name: string;
    mask: Plain<Mask>;
    map: Plain<Heatmap>;
    quantus: Record<'PointingGame' | 'RelevanceMassAccuracy' | 'RelevanceRankAccuracy', number>;
    sklearn: { average_precision_score: number };
  }[];
  complexity: { map: Plain<Heatmap>; quantus: { Complexity: number; Sparseness: number } }[];
  agreement: {
    a: number[];
    b: number[];
    scipy: { spearmanr: number; jensenshannon: number };
    skimage: { structural_similarity: number };
  }[];
  faithfulness: {
    channels: number;
    height: number;
    width: number;
    target: number;
    image: number[];
    map: number[];
    again: number[];
    weights: number[];
    shares: number[];
    'pytorch-grad-cam': {
      imputed: Record<'most' | 'least', number[][]>;
      road: Record<'most' | 'least', number>;
    } & Record<'ROADCombined' | 'DropInConfidence' | 'IncreaseInConfidence' | 'Complexity' | 'Coherency', number>;
    quantus: { noisy_linear_imputation: number[] };
    'torch-cam': {
      DeletionInsertionMetric: { deletion_auc: number; insertion_auc: number };
      ClassificationMetric: { avg_drop: number; conf_increase: number };
    };
  };
}

const file = new URL('../../fixtures/map-metrics/peers.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
const heatmap = ({ data, ...size }: Plain<Heatmap>): Heatmap => ({ ...size, data: Float32Array.from(data) });

describe.each(recorded.localisation)('a mask: $name', ({ mask: plain, map, quantus, sklearn }) => {
  const mask = { ...plain, data: Uint8Array.from(plain.data) };
  const whole = { x: 0, y: 0, width: mask.width, height: mask.height };
  const scene = sceneOf(heatmap(map), seenMask(mask, whole, mask));

  test('as Quantus', () => {
    expect(locate['pointing-game'].measure(scene)).toBe(quantus.PointingGame);
    expect(locate['energy-in-mask'].measure(scene)).toBeCloseTo(quantus.RelevanceMassAccuracy, 5);
    expect(locate['rank-accuracy'].measure(scene)).toBeCloseTo(quantus.RelevanceRankAccuracy, 10);
  });
  test('as scikit-learn', () => {
    expect(locate.auprc.measure(scene)).toBeCloseTo(sklearn.average_precision_score, 6);
  });
});

test.each(recorded.complexity)('entropy (times ln n) and Gini index as Quantus, %#', ({ map, quantus }) => {
  const own = heatmap(map);
  expect(shape.entropy.measure(own)! * Math.log(own.data.length)).toBeCloseTo(quantus.Complexity, 5);
  expect(shape.gini.measure(own)).toBeCloseTo(quantus.Sparseness, 4); // Quantus adds 1e-7 to every cell
});

test.each(recorded.agreement)('agreement as SciPy and scikit-image, %#', ({ a, b, scipy, skimage }) => {
  const placement = { x: 0, y: 0, width: 70, height: 70 };
  const [one, other] = [a, b].map((data) => ({ map: heatmap({ width: 7, height: 7, data }), placement }));
  const pair = pairOf(one!, other!)!;
  expect(agree.spearman.measure(pair)).toBeCloseTo(scipy.spearmanr, 10);
  expect(agree['jensen-shannon'].measure(pair)).toBeCloseTo(scipy.jensenshannon ** 2, 6); // SciPy gives the root
  expect(agree.ssim.measure(pair)).toBeCloseTo(skimage.structural_similarity, 4);
});

describe('a linear model', () => {
  const { channels, height, width, target, shares, ...rest } = recorded.faithfulness;
  const image = Float32Array.from(rest.image);
  const peer = rest['pytorch-grad-cam'];
  const torchcam = rest['torch-cam'];
  const size = { channels, height, width, layout: 'nchw' } as const;

  /** softmax(W x) of the target; the map of a changed input is the recorded second one. */
  function score(input: Float32Array): Scored {
    const logits = Array.from({ length: rest.weights.length / input.length }, (_, c) =>
      input.reduce((sum, value, i) => sum + value * rest.weights[c * input.length + i]!, 0),
    );
    const powers = logits.map(Math.exp);
    const map = { height, width, data: Float32Array.from(rest.again) };
    return { logit: logits[target]!, probability: powers[target]! / powers.reduce((a, b) => a + b, 0), map };
  }
  const subject: Subject = subjectOf({
    ...size,
    input: image,
    map: { height, width, data: Float32Array.from(rest.map) },
    before: score(image),
    seed: 1,
    settings: { shares, steps: 10, insertion: 'zero' },
  });
  const measure = (metric: FaithfulnessMetric): Measured => metric.measure(subject, metric.inputs(subject).map(score));

  test('imputed pictures as pytorch-grad-cam and Quantus', () => {
    for (const [i, share] of shares.entries()) {
      for (const first of ['most', 'least'] as const) {
        const chosen = firstOf(subject.order(), share, first === 'least');
        const ours = imputed(image, chosen, size, Random.of(1), { noise: 0, tolerance: 1e-7 });
        expect(largest(ours, peer.imputed[first][i]!)).toBeLessThan(1e-5);
      }
    }
    const ours = imputed(image, firstOf(subject.order(), 0.3), size, Random.of(1), { noise: 0, tolerance: 1e-7 });
    expect(largest(ours, rest.quantus.noisy_linear_imputation)).toBeLessThan(1e-5);
  });

  test('ROAD as pytorch-grad-cam, but for the noise', () => {
    expect(measure(faith['road-morf']).value).toBeCloseTo(peer.road.most, 2);
    expect(measure(faith['road-lerf']).value).toBeCloseTo(peer.road.least, 2);
    expect(measure(faith.road).value).toBeCloseTo(peer.ROADCombined, 2);
  });

  test('deletion and insertion as torch-cam', () => {
    expect(measure(faith.deletion).value).toBeCloseTo(torchcam.DeletionInsertionMetric.deletion_auc, 5);
    expect(measure(faith.insertion).value).toBeCloseTo(torchcam.DeletionInsertionMetric.insertion_auc, 5);
  });

  test('drop and increase as torch-cam and pytorch-grad-cam', () => {
    expect(measure(faith['average-drop']).value).toBeCloseTo(torchcam.ClassificationMetric.avg_drop, 5);
    expect(measure(faith['average-drop']).value! * subject.before.probability).toBeCloseTo(peer.DropInConfidence, 5);
    expect(measure(faith['average-increase']).value).toBe(torchcam.ClassificationMetric.conf_increase);
    expect(measure(faith['average-increase']).value).toBe(peer.IncreaseInConfidence);
  });

  test('ARCC’s complexity and coherency as pytorch-grad-cam', () => {
    expect(complexity(subject)).toBeCloseTo(peer.Complexity, 6);
    expect(coherency(subject, score(subject.masked()))).toBeCloseTo(peer.Coherency, 6);
  });
});

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}
