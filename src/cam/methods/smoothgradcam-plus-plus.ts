// Smooth Grad-CAM++. Omeiza et al. 2019, "Smooth Grad-CAM++: An Enhanced Inference Level Visualization Technique for Deep
// Convolutional Neural Network Models", arXiv 1908.01224.
//   alpha = D2 / (2 D2 + sum_ab A_k_ab D3),  D_p = 1/n sum_m (dy_c / dA_k_ij)^p at the picture plus noise      (eq. 9)
//   w_k = sum_ij alpha_k_ij ReLU(D1)                                                                             (eq. 8)
//   L = ReLU( sum_k w_k A_k )
// A: feature maps of the picture without noise. The paper prints D1 as the numerator of alpha; with n = 1 and no noise Grad-CAM++
// must come out, which needs D2, so D2 it is (torch-cam corrects it too). The noise is normal, its deviation `noise` times the
// range of the picture, seeded.
import type { PassMethod } from '../method.ts';
import { weightedSum } from '../arrays.ts';
import { noisy } from '../noise.ts';

/** As in Grad-CAM++. */
const EPSILON = 1e-6;

export const smoothgradcamPlusPlus: PassMethod = {
  id: 'smoothgradcam++',
  title: 'Smooth Grad-CAM++',
  paper: 'Omeiza et al. 2019, arXiv 1908.01224',
  needs: 'passes',
  tail: true,
  relu: true,
  async explain(passes) {
    const samples = Number(passes.settings['samples']);
    const features = passes.features();
    const size = features.length;
    const [first, second, third] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    const pictures = noisy(passes.picture, Number(passes.settings['noise']), samples, passes.random());
    for await (const { gradient } of passes.layerGradients(pictures, samples))
      for (const [at, g] of gradient.entries()) {
        first[at]! += g / samples;
        second[at]! += (g * g) / samples;
        third[at]! += (g * g * g) / samples;
      }
    const channels = passes.layerShape[2];
    const sums = new Float64Array(channels);
    for (const [at, value] of features.entries()) sums[at % channels]! += value;
    const weights = new Float64Array(channels);
    for (let at = 0; at < size; at++) {
      const k = at % channels;
      const alpha = second[at]! / (2 * second[at]! + sums[k]! * third[at]! + EPSILON);
      weights[k]! += alpha * Math.max(0, first[at]!);
    }
    return { map: weightedSum(features, weights) };
  },
};
