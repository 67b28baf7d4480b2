// SmoothGrad. Smilkov et al. 2017, "SmoothGrad: removing noise by adding noise", arXiv 1706.03825.
//   M(x) = 1/n sum_m dS_c / dx at x + N(0, sigma^2)          (section 3.2)
//   map = max_channels |M|, as for the plain gradient        (section 3.1 and Simonyan et al. 2013)
// sigma: `noise` times the range of the picture. The signed gradients are averaged, the absolute value comes last.
import type { PassMethod } from '../method.ts';
import { channelMaximum } from '../arrays.ts';
import { noisy } from '../noise.ts';

export const smoothgrad: PassMethod = {
  id: 'smoothgrad',
  title: 'SmoothGrad',
  paper: 'Smilkov et al. 2017, arXiv 1706.03825',
  at: 'input',
  needs: 'passes',
  tail: false,
  relu: false,
  async explain(passes) {
    const samples = Number(passes.settings['samples']);
    const mean = new Float64Array(passes.picture.length);
    const pictures = noisy(passes.picture, Number(passes.settings['noise']), samples, passes.random());
    for await (const { gradient } of passes.inputGradients(pictures, samples))
      for (let at = 0; at < mean.length; at++) mean[at]! += gradient[at]! / samples;
    return { map: channelMaximum(mean, passes.inputShape[2]) };
  },
};
