// Score-CAM. Wang et al. 2020, "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks",
// arXiv 1910.01279.
//   H_k = s(Up(A_k)), s(M) = (M - min M) / (max M - min M)     (eq. 5, 6)
//   C_k = f_c(X o H_k) - f_c(X_b)                              (eq. 4: increase of confidence)
//   alpha_k = exp(C_k) / sum_k exp(C_k)                        (algorithm 1)
//   L = ReLU( sum_k alpha_k A_k )                              (eq. 7)
// f_c: the target's score, a logit as everywhere here (a probability where the target asks for one). The softmax is over the
// channels, not over the classes; the baseline X_b cancels in it. `weights=increase` takes C_k itself, against black.
// Up: bilinear with corners aligned, as in the authors' and in pytorch-grad-cam's code. Feature maps that are constant give
// H_k = 0 (the 1e-8 in the denominator, from there too): they all ask for the same black picture, which runs once.
import type { PassMethod } from '../method.ts';
import { weightedSum } from '../arrays.ts';
import { alignedUpsampler } from '../upsample.ts';

const EPSILON = 1e-8;

export const scorecam: PassMethod = {
  id: 'scorecam',
  title: 'Score-CAM',
  paper: 'Wang et al. 2020, arXiv 1910.01279',
  needs: 'passes',
  tail: true,
  relu: true,
  async explain(passes) {
    const [height, width, channels] = passes.layerShape;
    const features = passes.features();
    const [top, left, depth] = passes.inputShape;
    const upsample = alignedUpsampler([height, width], [top, left]);
    const live = Array.from({ length: channels }, (_, k) => k).filter((k) => !isConstant(features, k, channels));
    const masks = function* (): Generator<Float32Array> {
      for (const k of live) yield masked(passes.picture, normalised(upsample(features, k, channels)), depth);
      yield new Float32Array(passes.picture.length); // what every constant feature map asks for, and the end of the increase
      yield passes.black;
    };
    const scores = await passes.scores(masks(), live.length + 2);
    const confidence = new Float64Array(channels).fill(scores[live.length]!);
    for (const [index, k] of live.entries()) confidence[k] = scores[index]!;
    const baseline = scores[live.length + 1]!;
    const weights =
      passes.settings['weights'] === 'increase' ? confidence.map((score) => score - baseline) : softmax(confidence);
    return { map: weightedSum(features, weights) };
  },
};

function isConstant(features: Float32Array, k: number, channels: number): boolean {
  for (let at = k; at < features.length; at += channels) if (features[at] !== features[k]) return false;
  return true;
}

function normalised(map: Float32Array): Float32Array {
  let [min, max] = [Infinity, -Infinity];
  for (const value of map) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return map.map((value) => (value - min) / (max - min + EPSILON));
}

/** The picture `[height, width, depth]` times a mask `[height, width]`. */
function masked(picture: Float32Array, mask: Float32Array, depth: number): Float32Array {
  const result = new Float32Array(picture.length);
  for (let pixel = 0, at = 0; pixel < mask.length; pixel++)
    for (let channel = 0; channel < depth; channel++, at++) result[at] = picture[at]! * mask[pixel]!;
  return result;
}

function softmax(scores: Float64Array): Float64Array {
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
