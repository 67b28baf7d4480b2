// GoogLeNet (Szegedy et al. 2014, https://arxiv.org/abs/1409.4842) and Inception v3 (2015, https://arxiv.org/abs/1512.00567):
// branches of convolutions side by side. Their auxiliary heads are for training and left out.
import type { Family } from '../architecture.ts';
import { classify } from '../head.ts';
import type { Network, Value } from '../network.ts';

/** torchvision's BasicConv2d. */
const EPSILON = 1e-3;

/**
 * Networks that start from torchvision's own weights turn ImageNet's normalisation into -1..1 before their first convolution:
 * given in one step here. Those trained from scratch do not, which the weights do not tell.
 */
const PREPROCESSING: Family['preprocessing'] = {
  spec: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  why: "torchvision's own weights, and what was trained from them, take -1..1 (transform_input); a network trained from scratch has ImageNet's mean [0.485, 0.456, 0.406] and std [0.229, 0.224, 0.225]: say so in run.json",
};

function unit(net: Network, x: Value, path: string, stride = 1, padding?: readonly [number, number]): Value {
  const y = net.batchNorm(net.conv(x, `${path}.conv`, { stride, padding }), `${path}.bn`, EPSILON);
  return net.relu(y, `${path}.relu`);
}

function head(net: Network, x: Value): Value {
  return classify(net, net.flatten(net.globalAverage(x, 'avgpool'), ''), 'fc');
}

export const googlenet: Family = {
  id: 'googlenet',
  title: 'GoogLeNet',
  marks: ['conv1.conv.weight', 'inception3a.branch1.conv.weight', 'inception5b.branch4.1.conv.weight'],
  signature: () => 'its blocks',
  variants: { googlenet: { signature: 'its blocks' } },
  isOpen: () => true,
  ignored: /^aux[12]\./,
  preprocessing: PREPROCESSING,
  build(net, image) {
    const pool = (x: Value, index: number, kernel = 3): Value =>
      net.maxPool(x, `maxpool${index}`, { kernel, stride: 2, ceil: true });
    const blocks = (x: Value, stage: number, names: string): Value =>
      [...names].reduce((y, name) => googlenetBlock(net, y, `inception${stage}${name}`), x);
    let x = pool(unit(net, image, 'conv1', 2), 1);
    x = pool(unit(net, unit(net, x, 'conv2'), 'conv3'), 2);
    x = pool(blocks(x, 3, 'ab'), 3);
    x = pool(blocks(x, 4, 'abcde'), 4, 2);
    return head(net, blocks(x, 5, 'ab'));
  },
};

function googlenetBlock(net: Network, x: Value, path: string): Value {
  const chain = (from: Value, branch: number, ...steps: number[]): Value =>
    steps.reduce((y, step) => unit(net, y, `${path}.branch${branch}.${step}`), from);
  const pooled = net.maxPool(x, `${path}.branch4.0`, { kernel: 3, stride: 1, padding: 1, ceil: true });
  const branches = [unit(net, x, `${path}.branch1`), chain(x, 2, 0, 1), chain(x, 3, 0, 1), chain(pooled, 4, 1)];
  return net.concat(branches, 1, path);
}

/** Kernels of even padding keep the size; `valid` ones shrink it. */
const VALID = [0, 0] as const;

export const inceptionV3: Family = {
  id: 'inception_v3',
  title: 'Inception v3',
  marks: ['Conv2d_1a_3x3.conv.weight', 'Mixed_5b.branch1x1.conv.weight', 'Mixed_7c.branch_pool.conv.weight'],
  signature: () => 'its blocks',
  variants: { inception_v3: { signature: 'its blocks', size: 299 } },
  isOpen: () => true,
  ignored: /^AuxLogits\./,
  preprocessing: PREPROCESSING,
  build(net, image) {
    let x = unit(net, image, 'Conv2d_1a_3x3', 2, VALID);
    x = unit(net, unit(net, x, 'Conv2d_2a_3x3', 1, VALID), 'Conv2d_2b_3x3');
    x = net.maxPool(x, 'maxpool1', { kernel: 3, stride: 2 });
    x = unit(net, unit(net, x, 'Conv2d_3b_1x1'), 'Conv2d_4a_3x3', 1, VALID);
    x = net.maxPool(x, 'maxpool2', { kernel: 3, stride: 2 });
    for (const name of 'bcd') x = fiveByFive(net, x, `Mixed_5${name}`);
    x = shrinking(net, x, 'Mixed_6a', ['branch3x3'], ['branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3']);
    for (const name of 'bcde') x = sevenBySeven(net, x, `Mixed_6${name}`);
    const seven = ['branch7x7x3_1', 'branch7x7x3_2', 'branch7x7x3_3', 'branch7x7x3_4'];
    x = shrinking(net, x, 'Mixed_7a', ['branch3x3_1', 'branch3x3_2'], seven);
    for (const name of 'bc') x = forked(net, x, `Mixed_7${name}`);
    return head(net, x);
  },
};

/** Convolutions of a branch one after the other. */
function chain(net: Network, x: Value, path: string, names: readonly string[]): Value {
  return names.reduce((y, name) => unit(net, y, `${path}.${name}`), x);
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}_${index + 1}`);

function averaged(net: Network, x: Value, path: string): Value {
  const pooled = net.averagePool(x, `${path}.avg_pool2d`, { kernel: 3, stride: 1, padding: 1 });
  return unit(net, pooled, `${path}.branch_pool`);
}

function fiveByFive(net: Network, x: Value, path: string): Value {
  const branches = [['branch1x1'], numbered('branch5x5', 2), numbered('branch3x3dbl', 3)];
  return net.concat([...branches.map((names) => chain(net, x, path, names)), averaged(net, x, path)], 1, path);
}

function sevenBySeven(net: Network, x: Value, path: string): Value {
  const branches = [['branch1x1'], numbered('branch7x7', 3), numbered('branch7x7dbl', 5)];
  return net.concat([...branches.map((names) => chain(net, x, path, names)), averaged(net, x, path)], 1, path);
}

/** Halves the map: the last convolution of each branch strides. */
function shrinking(net: Network, x: Value, path: string, ...branches: (readonly string[])[]): Value {
  const convolved = branches.map((names) => {
    const before = chain(net, x, path, names.slice(0, -1));
    return unit(net, before, `${path}.${names.at(-1)}`, 2, VALID);
  });
  const pooled = net.maxPool(x, `${path}.max_pool2d`, { kernel: 3, stride: 2 });
  return net.concat([...convolved, pooled], 1, path);
}

/** Branches that end in a row and a column side by side. */
function forked(net: Network, x: Value, path: string): Value {
  const fork = (before: Value, name: string): Value => {
    const ends = ['a', 'b'].map((end) => unit(net, before, `${path}.${name}${end}`));
    return net.concat(ends, 1, path);
  };
  const branches = [
    unit(net, x, `${path}.branch1x1`),
    fork(unit(net, x, `${path}.branch3x3_1`), 'branch3x3_2'),
    fork(chain(net, x, path, numbered('branch3x3dbl', 2)), 'branch3x3dbl_3'),
    averaged(net, x, path),
  ];
  return net.concat(branches, 1, path);
}
