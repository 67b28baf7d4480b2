// RISE. Petsiuk et al. 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models", arXiv 1806.07421.
//   S(p) = 1 / (N E[M]) sum_i f(I o M_i) M_i(p)              (eq. 6)
// M_i: a grid of `cells` x `cells` that are kept with probability `keep`, enlarged bilinearly past the picture and cut to it at
// a random place (section 3.2); covered places become the baseline, black in the paper. The paper's f is a softmax probability;
// here it is the target's score, a logit unless probabilities are asked for. A logit has no zero of its own, so the mean of the
// scores is taken off first: that moves every place of the map by the same amount and lessens its noise.
import { baselineOf } from '../baseline.ts';
import type { Random } from '../../lib/random.ts';
import type { PassMethod } from '../method.ts';
import { alignedUpsampler } from '../upsample.ts';

export const rise: PassMethod = {
  id: 'rise',
  title: 'RISE',
  paper: 'Petsiuk et al. 2018, arXiv 1806.07421',
  at: 'input',
  needs: 'passes',
  tail: false,
  relu: false,
  async explain(passes) {
    const { picture, settings, inputShape } = passes;
    const [height, width, channels] = inputShape;
    const count = Number(settings['masks']);
    const keep = Number(settings['keep']);
    const baseline = baselineOf(passes, String(settings['baseline']));
    const masks = (): Generator<Float32Array> =>
      randomMasks(count, Number(settings['cells']), keep, [height, width], passes.random());
    const pictures = function* (): Generator<Float32Array> {
      for (const mask of masks())
        yield picture.map((value, at) => {
          const open = mask[Math.floor(at / channels)]!;
          return baseline[at]! + open * (value - baseline[at]!);
        });
    };
    const scores = await passes.scores(pictures(), count);
    const mean = scores.reduce((a, b) => a + b, 0) / count;
    const sums = new Float64Array(height * width);
    let index = 0;
    for (const mask of masks()) {
      const weight = (scores[index++]! - mean) / (count * keep);
      for (let at = 0; at < sums.length; at++) sums[at]! += weight * mask[at]!;
    }
    return { map: Float32Array.from(sums) };
  },
};

/** The same masks whenever the random numbers start from the same seed: none is kept. */
function* randomMasks(
  count: number,
  cells: number,
  keep: number,
  [height, width]: readonly [number, number],
  random: Random,
): Generator<Float32Array> {
  const [down, across] = [Math.ceil(height / cells), Math.ceil(width / cells)];
  const large = [(cells + 1) * down, (cells + 1) * across] as const;
  const enlarge = alignedUpsampler([cells, cells], large);
  for (let mask = 0; mask < count; mask++) {
    const grid = Float32Array.from({ length: cells * cells }, () => (random.unit() < keep ? 1 : 0));
    const [top, left] = [random.below(down), random.below(across)];
    const whole = enlarge(grid, 0, 1);
    const cut = new Float32Array(height * width);
    for (let y = 0; y < height; y++)
      cut.set(whole.subarray((top + y) * large[1] + left, (top + y) * large[1] + left + width), y * width);
    yield cut;
  }
}
