// RegNet X and Y: residual bottlenecks with grouped convolutions, Y with squeeze and excitation. Radosavovic et al. 2020,
// https://arxiv.org/abs/2003.13678
import type { Family, Variant } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';
import { convolutionUnit, squeezeExcitation, type Activation } from './convolution-unit.ts';

const EPSILON = 1e-5;

const variant = (kind: string, depths: string, last: number): Variant => ({
  signature: `${kind} ${depths}, ${last} channels`,
});

export const regnet: Family = {
  id: 'regnet',
  title: 'RegNet',
  marks: ['stem.0.weight', 'trunk_output.block1.block1-0.f.a.0.weight'],
  signature(weights) {
    const stages = stagesOf(weights);
    const depths = stages.map((stage, index) => weights.countOf(`${stage}.block${index + 1}-`));
    const kind = weights.hasModule('trunk_output.block1.block1-0.f.se') ? 'Y' : 'X';
    const last = weights.shapeOf(`${stages.at(-1)}.block${stages.length}-0.f.c.0.weight`)?.[0];
    return `${kind} ${depths.join('-')}, ${last} channels`;
  },
  variants: {
    regnet_y_400mf: variant('Y', '1-3-6-6', 440),
    regnet_y_800mf: variant('Y', '1-3-8-2', 784),
    regnet_y_1_6gf: variant('Y', '2-6-17-2', 888),
    regnet_y_3_2gf: variant('Y', '2-5-13-1', 1512),
    regnet_y_8gf: variant('Y', '2-4-10-1', 2016),
    regnet_y_16gf: variant('Y', '2-4-11-1', 3024),
    regnet_y_32gf: variant('Y', '2-5-12-1', 3712),
    regnet_y_128gf: variant('Y', '2-7-17-1', 7392),
    regnet_x_400mf: variant('X', '1-2-7-12', 400),
    regnet_x_800mf: variant('X', '1-3-7-5', 672),
    regnet_x_1_6gf: variant('X', '2-4-10-2', 912),
    regnet_x_3_2gf: variant('X', '2-6-15-2', 1008),
    regnet_x_8gf: variant('X', '2-5-15-1', 1920),
    regnet_x_16gf: variant('X', '2-6-13-1', 2048),
    regnet_x_32gf: variant('X', '2-7-13-1', 2520),
  },
  isOpen: (weights) => stagesOf(weights).length === 4,
  build(net, image) {
    let x = unit(net, image, 'stem', 'relu', 2);
    for (const [index, stage] of stagesOf(net.weights).entries()) {
      const name = `${stage}.block${index + 1}-`;
      const blocks = net.weights.countOf(name);
      for (let block = 0; block < blocks; block++) x = residual(net, x, `${name}${block}`, block === 0 ? 2 : 1);
    }
    return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'fc');
  },
};

const stagesOf = (weights: Weights): string[] =>
  Array.from({ length: weights.countOf('trunk_output.block', 1) }, (_, index) => `trunk_output.block${index + 1}`);

function unit(net: Network, x: Value, path: string, activation: Activation | null, stride = 1): Value {
  return convolutionUnit(net, x, path, { stride, activation, epsilon: EPSILON });
}

function residual(net: Network, input: Value, path: string, stride: number): Value {
  let x = unit(net, unit(net, input, `${path}.f.a`, 'relu'), `${path}.f.b`, 'relu', stride);
  if (net.weights.hasModule(`${path}.f.se`))
    x = squeezeExcitation(net, x, `${path}.f.se`, { activation: 'relu', gate: 'sigmoid' });
  x = unit(net, x, `${path}.f.c`, null);
  const isProjected = stride !== 1 || x.shape[1] !== input.shape[1];
  const beside = isProjected ? unit(net, input, `${path}.proj`, null, stride) : input;
  return net.relu(net.add(beside, x, path), `${path}.activation`);
}
