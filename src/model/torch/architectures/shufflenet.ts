// ShuffleNetV2: one half of the channels passes, the other is convolved, then both are mixed. Ma et al. 2018,
// https://arxiv.org/abs/1807.11164
import { depthsOf, type Family, type Variant } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';

const EPSILON = 1e-5;
const STAGES = ['stage2', 'stage3', 'stage4'];

const variant = (channels: number): Variant => ({ signature: `4-8-4, ${channels} channels in stage 2` });

export const shufflenet: Family = {
  id: 'shufflenet',
  title: 'ShuffleNetV2',
  marks: ['conv1.0.weight', 'stage2.0.branch1.0.weight', 'stage2.0.branch2.0.weight', 'conv5.0.weight'],
  signature(weights) {
    const half = weights.shapeOf('stage2.0.branch2.0.weight')?.[0] ?? 0;
    return `${depthsOf(weights, STAGES).join('-')}, ${2 * half} channels in stage 2`;
  },
  variants: {
    shufflenet_v2_x0_5: variant(48),
    shufflenet_v2_x1_0: variant(116),
    shufflenet_v2_x1_5: variant(176),
    shufflenet_v2_x2_0: variant(244),
  },
  isOpen: () => true,
  build(net, image) {
    let x = net.relu(convNorm(net, image, 'conv1', 0, 2), 'conv1.2');
    x = net.maxPool(x, 'maxpool', { kernel: 3, stride: 2, padding: 1 });
    for (const stage of STAGES) {
      const blocks = net.weights.countOf(`${stage}.`);
      for (let block = 0; block < blocks; block++) x = mixed(net, x, `${stage}.${block}`, block === 0 ? 2 : 1);
    }
    x = net.relu(convNorm(net, x, 'conv5', 0), 'conv5.2');
    return classify(net, net.flatten(net.globalAverage(x, 'mean'), ''), 'fc');
  },
};

const convNorm = (net: Network, x: Value, path: string, index: number, stride = 1): Value =>
  net.batchNorm(net.conv(x, `${path}.${index}`, { stride }), `${path}.${index + 1}`, EPSILON);

function mixed(net: Network, x: Value, path: string, stride: number): Value {
  const [passing, convolved] = stride === 1 ? net.chunk(x, 2, 1, path) : [shortcut(net, x, `${path}.branch1`), x];
  const branch = `${path}.branch2`;
  let y = net.relu(convNorm(net, convolved!, branch, 0), `${branch}.2`);
  y = convNorm(net, convNorm(net, y, branch, 3, stride), branch, 5);
  return shuffled(net, net.concat([passing!, net.relu(y, `${branch}.7`)], 1, path), path);
}

function shortcut(net: Network, x: Value, path: string): Value {
  return net.relu(convNorm(net, convNorm(net, x, path, 0, 2), path, 2), `${path}.4`);
}

/** Channels of both halves in turn. */
function shuffled(net: Network, x: Value, path: string): Value {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const halves = net.reshape(x, [batch, 2, channels / 2, height, width], path);
  return net.reshape(net.transpose(halves, path, [0, 2, 1, 3, 4]), [batch, channels, height, width], path);
}
