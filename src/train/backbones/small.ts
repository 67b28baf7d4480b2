// The small network: 0.28 million weights, for pictures of 128 x 128. The network of the demo runs.
import type { Backbone, InitialWeights } from '../backbone.ts';

const WIDTH = 224;
/** Stages of inverted residuals: channels, and by how much each block widens what it takes in. */
const STAGES = [
  [48, [2, 2]],
  [88, [3, 4, 4, 4]],
] as const;

export const small: Backbone = {
  id: 'small',
  title: 'Small network',
  paper: 'inverted residuals of Sandler et al. 2018, https://arxiv.org/abs/1801.04381',
  architecture: 'small',
  size: 128,
  dropout: 0.2,
  fill(weights, { classes, head, channels }) {
    unit(weights, 'stem', [16, channels, 3, 3]);
    unit(weights, 'block1.a', [32, 16, 3, 3]);
    unit(weights, 'block1.b', [32, 32, 3, 3]);
    unit(weights, 'block1.skip', [32, 16, 1, 1]);
    let from = 32;
    STAGES.forEach(([to, expansions], stage) => {
      expansions.forEach((expansion, block) => {
        const path = `block${stage + 2}.${block}`;
        const wide = from * expansion;
        unit(weights, `${path}.expand`, [wide, from, 1, 1]);
        unit(weights, `${path}.depthwise`, [wide, 1, 3, 3]);
        unit(weights, `${path}.project`, [to, wide, 1, 1]);
        from = to;
      });
    });
    unit(weights, 'head_conv', [WIDTH, from, 1, 1]);
    // The normed head starts from a normal distribution, as in the PyTorch recipe of the demo runs.
    if (head === 'normed') weights.normal('classifier.weight', [classes, WIDTH], 1);
    else weights.linear('classifier', classes, WIDTH);
  },
};

function unit(weights: InitialWeights, path: string, shape: readonly [number, number, number, number]): void {
  weights.conv(`${path}.conv`, shape);
  weights.norm(`${path}.bn`, shape[0]);
}
