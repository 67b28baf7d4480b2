// MNASNet-B1: inverted bottlenecks found by search. Tan et al. 2018, https://arxiv.org/abs/1807.11626
import type { Family, Variant } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';

const EPSILON = 1e-5;
/** Of the first block in each stack, `layers.8` up to `layers.13`. */
const STRIDES = [2, 2, 2, 1, 2, 1];

const variant = (channels: number): Variant => ({ signature: `${channels} channels in the second stack` });

export const mnasnet: Family = {
  id: 'mnasnet',
  title: 'MNASNet',
  marks: ['layers.0.weight', 'layers.8.0.layers.0.weight', 'layers.14.weight'],
  signature: (weights) => `${weights.shapeOf('layers.9.0.layers.6.weight')?.[0]} channels in the second stack`,
  variants: { mnasnet0_5: variant(24), mnasnet0_75: variant(32), mnasnet1_0: variant(40), mnasnet1_3: variant(56) },
  isOpen: () => true,
  build(net, image) {
    let x = net.relu(convNorm(net, image, 'layers', 0, 2), 'layers.2');
    x = net.relu(convNorm(net, x, 'layers', 3), 'layers.5');
    x = convNorm(net, x, 'layers', 6);
    for (const [index, stride] of STRIDES.entries()) {
      const stack = `layers.${8 + index}`;
      const blocks = net.weights.countOf(`${stack}.`);
      for (let block = 0; block < blocks; block++)
        x = bottleneck(net, x, `${stack}.${block}`, block === 0 ? stride : 1);
    }
    x = net.relu(convNorm(net, x, 'layers', 14), 'layers.16');
    return classify(net, net.flatten(net.globalAverage(x, 'mean'), ''), 'classifier');
  },
};

const convNorm = (net: Network, x: Value, path: string, index: number, stride = 1): Value =>
  net.batchNorm(net.conv(x, `${path}.${index}`, { stride }), `${path}.${index + 1}`, EPSILON);

function bottleneck(net: Network, input: Value, path: string, stride: number): Value {
  const place = `${path}.layers`;
  let x = net.relu(convNorm(net, input, place, 0), `${place}.2`);
  x = net.relu(convNorm(net, x, place, 3, stride), `${place}.5`);
  x = convNorm(net, x, place, 6);
  return stride === 1 && x.shape[1] === input.shape[1] ? net.add(x, input, path) : x;
}
