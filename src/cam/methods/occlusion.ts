// Occlusion. Zeiler & Fergus 2013, "Visualizing and Understanding Convolutional Networks", arXiv 1311.2901, section 4.2.
//   d_w = S_c(x) - S_c(x with the window w covered by the baseline)
//   M_ij = mean of d_w over the windows w that cover (i, j)
// Windows of `window` times the longer side start every `stride` windows; the last ones end at the border. As Captum counts them.
// Signed: where covering helps, the map is negative.
import { baselineOf } from '../baseline.ts';
import type { PassMethod } from '../method.ts';

export const occlusion: PassMethod = {
  id: 'occlusion',
  title: 'Occlusion',
  paper: 'Zeiler & Fergus 2013, arXiv 1311.2901',
  at: 'input',
  needs: 'passes',
  tail: false,
  relu: false,
  async explain(passes) {
    const { picture, settings, inputShape } = passes;
    const [height, width] = inputShape;
    const side = Math.max(1, Math.round(Number(settings['window']) * Math.max(height, width)));
    const stride = Math.max(1, Math.round(Number(settings['stride']) * side));
    const baseline = baselineOf(passes, String(settings['baseline']));
    const windows = windowsOf(height, width, side, stride);
    const covered = function* (): Generator<Float32Array> {
      for (const window of windows) yield cover(picture, baseline, window, inputShape);
      yield picture;
    };
    const scores = await passes.scores(covered(), windows.length + 1);
    const score = scores[windows.length]!;
    const [sums, counts] = [new Float64Array(height * width), new Float64Array(height * width)];
    for (const [index, { top, bottom, left, right }] of windows.entries())
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) {
          sums[y * width + x]! += score - scores[index]!;
          counts[y * width + x]! += 1;
        }
    return { map: Float32Array.from(sums, (sum, at) => sum / Math.max(1, counts[at]!)) };
  },
};

interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Windows along one axis: from 0 on every `stride`, as many as it takes to reach the border, where they are cut off. */
function spans(length: number, side: number, stride: number): (readonly [number, number])[] {
  const count = 1 + Math.max(0, Math.ceil((length - side) / stride));
  return Array.from({ length: count }, (_, i) => [i * stride, Math.min(length, i * stride + side)] as const);
}

function windowsOf(height: number, width: number, side: number, stride: number): Window[] {
  return spans(height, side, stride).flatMap(([top, bottom]) =>
    spans(width, side, stride).map(([left, right]) => ({ top, bottom, left, right })),
  );
}

function cover(
  picture: Float32Array,
  baseline: Float32Array,
  { top, bottom, left, right }: Window,
  [, width, channels]: readonly [number, number, number],
): Float32Array {
  const result = picture.slice();
  for (let y = top; y < bottom; y++) {
    const [from, to] = [(y * width + left) * channels, (y * width + right) * channels];
    result.set(baseline.subarray(from, to), from);
  }
  return result;
}
