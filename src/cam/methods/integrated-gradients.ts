// Integrated Gradients. Sundararajan et al. 2017, "Axiomatic Attribution for Deep Networks", arXiv 1703.01365.
//   IG_i(x) = (x_i - x'_i) integral_0^1 dS_c / dx_i at x' + a (x - x') da        (eq. 1)
//   sum_i IG_i = S_c(x) - S_c(x')                                                (completeness, proposition 1)
// x': the baseline. The integral is a sum over the midpoints of `steps` equal parts; what completeness is missed by is told with
// the map where it is more than TOLERANCE of the difference. Channels are summed; signed, the method has no ReLU.
import { channelSum } from '../arrays.ts';
import { baselineOf } from '../baseline.ts';
import type { PassMethod } from '../method.ts';

const TOLERANCE = 1e-3;

export const integratedGradients: PassMethod = {
  id: 'integrated-gradients',
  title: 'Integrated Gradients',
  paper: 'Sundararajan et al. 2017, arXiv 1703.01365',
  at: 'input',
  needs: 'passes',
  tail: false,
  relu: false,
  async explain(passes) {
    const { picture, settings, inputShape } = passes;
    const steps = Number(settings['steps']);
    const baseline = baselineOf(passes, String(settings['baseline']));
    const path = function* (): Generator<Float32Array> {
      for (let step = 0; step < steps; step++) {
        const share = (step + 0.5) / steps;
        yield picture.map((value, at) => baseline[at]! + share * (value - baseline[at]!));
      }
    };
    const sum = new Float64Array(picture.length);
    for await (const { gradient } of passes.inputGradients(path(), steps))
      for (let at = 0; at < sum.length; at++) sum[at]! += gradient[at]!;
    for (let at = 0; at < sum.length; at++) sum[at]! *= (picture[at]! - baseline[at]!) / steps;
    const total = sum.reduce((a, b) => a + b, 0);
    const [end, start] = await passes.scores([picture, baseline], 2);
    return { map: channelSum(sum, inputShape[2]), note: completeness(total, end! - start!, steps) };
  },
};

function completeness(total: number, difference: number, steps: number): string | null {
  const gap = Math.abs(total - difference);
  if (gap <= TOLERANCE * Math.abs(difference)) return null;
  return (
    `Integrated Gradients add up to ${total.toPrecision(4)} where the score differs by ${difference.toPrecision(4)}: ` +
    `the path of ${steps} steps is too coarse by ${((100 * gap) / Math.abs(difference)).toPrecision(2)} %.`
  );
}
