// Conv2dNormActivation of torchvision: convolution `.0`, batch normalisation `.1`, activation `.2`, and the squeeze and
// excitation that goes with it in several families.
import type { Network, Value } from '../network.ts';

export type Activation = 'relu' | 'relu6' | 'silu' | 'hardSwish';

export interface UnitOptions {
  readonly stride?: number;
  readonly activation: Activation | null;
  readonly epsilon: number;
}

export function convolutionUnit(net: Network, x: Value, path: string, options: UnitOptions): Value {
  const { stride = 1, activation, epsilon } = options;
  const y = net.batchNorm(net.conv(x, `${path}.0`, { stride }), `${path}.1`, epsilon);
  return activation === null ? y : net[activation](y, `${path}.2`);
}

export interface ExciteOptions {
  readonly activation: 'relu' | 'silu';
  readonly gate: 'sigmoid' | 'hardSigmoid';
}

/** Channels weighted by what their means say. Hu et al. 2017, https://arxiv.org/abs/1709.01507 */
export function squeezeExcitation(net: Network, x: Value, path: string, { activation, gate }: ExciteOptions): Value {
  const squeezed = net[activation](
    net.conv(net.globalAverage(x, `${path}.avgpool`), `${path}.fc1`),
    `${path}.activation`,
  );
  const weights = net[gate](net.conv(squeezed, `${path}.fc2`), `${path}.scale_activation`);
  return net.multiply(x, weights, path);
}
