// The classifier at the end of a network, in the forms that people give it: one linear layer, several with activations between,
// normalised weights (cosines), under its usual name or another.
import { int } from '../../graph/attributes.ts';
import { constantOf } from '../../graph/tensor.ts';
import type { Network, Value } from './network.ts';

export interface HeadOptions {
  /** Between linear layers, where the network itself has several. */
  readonly activation?: 'relu' | 'hardSwish' | 'tanh';
  /** Of batch and layer normalisation in it. */
  readonly epsilon?: number;
  /** Whether several linear layers are what the network has by itself. */
  readonly layered?: boolean;
}

/** Features [batch, n] -> logits [batch, classes], by the weights under `path`, or under the only module that nothing else needed. */
export function classify(net: Network, features: Value, path: string, options: HeadOptions = {}): Value {
  const place = headPath(net, path);
  const steps = leavesOf(net, place);
  if (steps.length === 0) return net.linear(features, place);
  let x = features;
  let activated = true;
  let previous: string | null = null;
  for (const step of steps) {
    const rank = net.weights.shapeOf(`${step}.weight`)?.length;
    const hasGap = previous !== null && gapBetween(previous, step);
    if (!activated && hasGap) {
      x = activate(net, x, place, options);
      activated = true;
    }
    if (rank === 2) {
      x = linear(net, x, step);
      activated = false;
    } else if (net.weights.has(`${step}.running_mean`)) {
      x = net.batchNorm(x, step, options.epsilon ?? 1e-5);
    } else {
      x = net.layerNorm(x, step, options.epsilon ?? 1e-5);
    }
    previous = step;
  }
  return x;
}

/** The usual path, or that of the only module that nothing else in the network uses. */
function headPath(net: Network, path: string): string {
  if (net.weights.hasModule(path)) return path;
  const used = net.used;
  const free = new Set(net.weights.names.filter((name) => !used.has(name)).map((name) => name.split('.')[0]!));
  const heads = [...free].filter((name) =>
    leavesOf(net, name).some((leaf) => net.weights.shapeOf(`${leaf}.weight`)?.length === 2),
  );
  const [only] = heads;
  if (heads.length !== 1 || only === undefined) return path;
  net.assumed.add(`The classifier is "${only}": there is no "${path}".`);
  return only;
}

/** Modules with a weight at or below a path, in their order. */
function leavesOf(net: Network, path: string): string[] {
  if (net.weights.has(`${path}.weight`)) return [path];
  const children = net.weights.childrenOf(path).map((name) => `${path}.${name}`);
  return children.flatMap((child) => (net.weights.hasModule(child) ? leavesOf(net, child) : []));
}

/** Whether modules without weights may stand between two: numbers that leave some out, or names, of which one cannot tell. */
function gapBetween(before: string, after: string): boolean {
  const [a, b] = [before.split('.'), after.split('.')];
  const at = a.findIndex((part, index) => part !== b[index]);
  const [from, to] = [Number(a[at]), Number(b[at])];
  return !(to - from === 1);
}

function activate(net: Network, x: Value, path: string, { activation = 'relu', layered = false }: HeadOptions): Value {
  if (!layered) net.assumed.add(`The classifier "${path}" has several linear layers: ReLU is assumed between them.`);
  const name = `${path}.${layered ? activation : 'relu'}`;
  if (!layered || activation === 'relu') return net.relu(x, name);
  return activation === 'tanh' ? net.tanh(x, name) : net.hardSwish(x, name);
}

/** Weights that scale cosines, learnt beside them. */
const SCALES = ['scale', 'sigma', 's', 'temperature', 'logit_scale'];

function linear(net: Network, x: Value, path: string): Value {
  const { weights, hints } = net;
  const features = x.shape[1]!;
  const [rows, columns] = weights.shapeOf(`${path}.weight`) ?? [];
  if (weights.has(`${path}.bias`)) return net.linear(x, path);
  if (rows === features && columns !== features) {
    // NormedLinear of https://github.com/kaidic/LDAM-DRW: x / |x| times the columns of [features, classes], each of length 1.
    net.assumed.add(
      `The classifier "${path}" has no bias and holds [features, classes]: its logits are cosines (NormedLinear).`,
    );
    const weight = normalized(net, net.weight(`${path}.weight`, [features, null]), 0, `${path}.weight`);
    return net.matMul(normalized(net, x, 1, path), weight, path);
  }
  const scale = SCALES.find((name) => weights.shapeOf(`${path}.${name}`)?.every((dim) => dim === 1));
  if (scale !== undefined) {
    net.assumed.add(`The classifier "${path}" has no bias and a "${scale}": its logits are cosines times that scale.`);
    const factor = net.weight(`${path}.${scale}`, weights.shapeOf(`${path}.${scale}`)!);
    return net.multiply(cosines(net, x, path), factor, path);
  }
  if (hints.classifier === 'cosine') return cosines(net, x, path);
  if (hints.classifier === undefined) {
    net.assumed.add(
      `The classifier "${path}" has no bias: it is taken for a plain linear layer ("classifier": "cosine" in run.json makes its logits cosines).`,
    );
  }
  return net.linear(x, path);
}

/** Of the features with the rows of [classes, features]. */
function cosines(net: Network, x: Value, path: string): Value {
  const weight = normalized(net, net.weight(`${path}.weight`, [null, x.shape[1]!]), 1, `${path}.weight`);
  return net.product(normalized(net, x, 1, path), weight, null, path);
}

/** F.normalize: x / max(length along the axis, 1e-12). */
function normalized(net: Network, x: Value, axis: number, path: string): Value {
  const shape = x.shape.map((dim, index) => (index === axis ? 1 : dim));
  const axes = net.constant(constantOf('int64', [1], [axis]));
  const length = net.emit('ReduceL2', [x, axes], { keepdims: int(1) }, { scope: path, shape, name: `${path}.length` });
  const positive = net.emit('Max', [length, net.scalar(1e-12)], {}, { scope: path, shape, name: `${path}.clamp` });
  return net.emit('Div', [x, positive], {}, { scope: path, shape: x.shape, name: `${path}.normalize` });
}
