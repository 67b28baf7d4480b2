// DenseNet121 as torchvision starts it.
import type { Backbone } from '../backbone.ts';

const DEPTHS = [6, 12, 24, 16];
const GROWTH = 32;
/** Channels between the two convolutions of a layer, in growths. */
const BOTTLENECK = 4;

export const densenet121: Backbone = {
  id: 'densenet121',
  title: 'DenseNet121',
  paper: 'Huang et al. 2016, https://arxiv.org/abs/1608.06993',
  architecture: 'densenet121',
  size: 224,
  dropout: 0,
  fill(weights, { classes, head, channels }) {
    weights.conv('features.conv0', [64, channels, 7, 7], 'in');
    weights.norm('features.norm0', 64);
    let count = 64;
    DEPTHS.forEach((layers, index) => {
      for (let layer = 1; layer <= layers; layer++) {
        const path = `features.denseblock${index + 1}.denselayer${layer}`;
        weights.norm(`${path}.norm1`, count);
        weights.conv(`${path}.conv1`, [BOTTLENECK * GROWTH, count, 1, 1], 'in');
        weights.norm(`${path}.norm2`, BOTTLENECK * GROWTH);
        weights.conv(`${path}.conv2`, [GROWTH, BOTTLENECK * GROWTH, 3, 3], 'in');
        count += GROWTH;
      }
      if (index === DEPTHS.length - 1) return;
      const path = `features.transition${index + 1}`;
      weights.norm(`${path}.norm`, count);
      weights.conv(`${path}.conv`, [count / 2, count, 1, 1], 'in');
      count /= 2;
    });
    weights.norm(`features.norm${DEPTHS.length + 1}`, count);
    if (head === 'normed') weights.cosine('classifier', classes, count);
    else {
      weights.uniform('classifier.weight', [classes, count], 1 / Math.sqrt(count));
      weights.filled('classifier.bias', [classes], 0);
    }
  },
};
