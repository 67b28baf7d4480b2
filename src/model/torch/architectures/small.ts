// The small network of the demo runs: a stem, one residual block, inverted residuals with depthwise convolutions (Sandler et
// al. 2018, https://arxiv.org/abs/1801.04381), a 1 x 1 convolution, pooling, one linear layer. Every stage but the stem's
// starts with stride 2.
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';
import type { Weights } from '../weights.ts';

const EPSILON = 1e-5;

export const small: Family = {
  id: 'small',
  title: 'small network',
  marks: ['stem.conv.weight', 'block1.a.conv.weight', 'block2.0.expand.conv.weight', 'head_conv.conv.weight'],
  signature(weights) {
    const width = weights.shapeOf('head_conv.conv.weight')?.[0];
    return `${stagesOf(weights)
      .map((stage) => weights.countOf(`${stage}.`))
      .join('-')}, ${weights.shapeOf('stem.conv.weight')?.[0]} to ${width} channels`;
  },
  variants: { small: { signature: '2-4, 16 to 224 channels', size: 128 } },
  isOpen: () => true,
  build(net, image) {
    let x = unit(net, image, 'stem', { stride: 2 });
    x = residual(net, x, 'block1');
    for (const stage of stagesOf(net.weights)) {
      const blocks = net.weights.countOf(`${stage}.`);
      for (let block = 0; block < blocks; block++) x = inverted(net, x, `${stage}.${block}`, block === 0 ? 2 : 1);
    }
    x = unit(net, x, 'head_conv');
    return classify(net, net.flatten(net.globalAverage(x, 'pool'), ''), 'classifier');
  },
};

/** `block2`, `block3`, ...: rows of inverted residuals. */
const stagesOf = (weights: Weights): string[] =>
  Array.from({ length: weights.countOf('block', 2) }, (_, index) => `block${index + 2}`);

interface UnitOptions {
  readonly stride?: number;
  readonly activated?: boolean;
}

function unit(net: Network, x: Value, path: string, { stride = 1, activated = true }: UnitOptions = {}): Value {
  const y = net.batchNorm(net.conv(x, `${path}.conv`, { stride }), `${path}.bn`, EPSILON);
  return activated ? net.silu(y, `${path}.act`) : y;
}

function residual(net: Network, x: Value, path: string): Value {
  const y = unit(net, unit(net, x, `${path}.a`, { stride: 2 }), `${path}.b`, { activated: false });
  const skip = unit(net, x, `${path}.skip`, { stride: 2, activated: false });
  return net.silu(net.add(y, skip, path), `${path}.act`);
}

function inverted(net: Network, x: Value, path: string, stride: number): Value {
  const wide = unit(net, unit(net, x, `${path}.expand`), `${path}.depthwise`, { stride });
  const y = unit(net, wide, `${path}.project`, { activated: false });
  return stride === 1 && y.shape[1] === x.shape[1] ? net.add(y, x, path) : y;
}
