// ResNet50 as torchvision starts it.
import type { Backbone } from '../backbone.ts';

const DEPTHS = [3, 4, 6, 3];
const EXPANSION = 4;

export const resnet50: Backbone = {
  id: 'resnet50',
  title: 'ResNet50',
  paper: 'He et al. 2015, https://arxiv.org/abs/1512.03385',
  architecture: 'resnet50',
  size: 224,
  dropout: 0,
  fill(weights, { classes, head, channels }) {
    weights.conv('conv1', [64, channels, 7, 7]);
    weights.norm('bn1', 64);
    let from = 64;
    DEPTHS.forEach((blocks, stage) => {
      const width = 64 * 2 ** stage;
      const to = width * EXPANSION;
      for (let block = 0; block < blocks; block++) {
        const path = `layer${stage + 1}.${block}`;
        const convolutions = [
          [width, from, 1, 1],
          [width, width, 3, 3],
          [to, width, 1, 1],
        ] as const;
        convolutions.forEach((shape, index) => {
          weights.conv(`${path}.conv${index + 1}`, shape);
          weights.norm(`${path}.bn${index + 1}`, shape[0]);
        });
        if (block === 0) {
          weights.conv(`${path}.downsample.0`, [to, from, 1, 1]);
          weights.norm(`${path}.downsample.1`, to);
        }
        from = to;
      }
    });
    if (head === 'normed') weights.cosine('fc', classes, from);
    else weights.linear('fc', classes, from);
  },
};
