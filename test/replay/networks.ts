// Exported networks with what PyTorch computes on them: logits, and Grad-CAM at several layers.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutGraph } from '../../src/graph/cut.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { decodeNpy } from '../../src/lib/npy.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { replay } from '../../src/replay/replay.ts';
import { tf } from '../../src/tf/tfjs.ts';

export interface LayerInfo {
  readonly module: string;
  readonly layout: 'nchw' | 'nhwc' | 'tokens';
  /** Height and width of the grid that tokens lie on, and tokens before it. */
  readonly grid?: readonly [number, number];
  readonly prefix?: number;
  readonly file: string;
  readonly float32Noise: number;
  /** Names of the values that carry the layer's output, per ONNX file. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export interface Info {
  readonly classes: readonly number[];
  readonly onnx: Readonly<Record<string, string>>;
  readonly layers: readonly LayerInfo[];
  readonly logitsOutput?: string;
  readonly activation?: string;
  /** What the exporter or half precision change in the logits, relative to the largest, per ONNX file. */
  readonly onnxOutputDifference?: Readonly<Record<string, number>>;
}

export interface Network {
  readonly folder: string;
  readonly variant: string;
  readonly info: Info;
  readonly graph: Graph;
}

/** Names of the folders below `root` that hold a network as ONNX files. */
export function networkFolders(root: string): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const described = folders.filter(({ name }) => readdirSync(join(root, name)).includes('info.json'));
  return described.map(({ name }) => name).filter((name) => 'onnx' in infoOf(join(root, name)));
}

export const infoOf = (folder: string): Info => JSON.parse(readFileSync(join(folder, 'info.json'), 'utf8')) as Info;

export function openNetwork(folder: string, variant: string): Network {
  const info = infoOf(folder);
  const file = join(folder, info.onnx[variant]!);
  return { folder, variant, info, graph: decodeModel(readFileSync(file), { folder, source: file }).graph };
}

/** A recorded array of the network as a tensor, cut to the samples that the graph takes. */
export function recorded({ folder, graph }: Network, file: string): tf.Tensor {
  const { shape, data } = decodeNpy(readFileSync(join(folder, file)), file);
  const all = tf.tensor(data, shape, 'float32');
  const batch = graph.inputs[0]?.type.shape?.[0];
  return typeof batch === 'number' ? tf.slice(all, 0, batch) : all;
}

/** The values `wanted` by replaying from the pictures on the current backend. */
export function forward(network: Network, wanted: readonly string[]): tf.Tensor[] {
  const { graph } = network;
  const inputs = recorded(network, 'inputs.npy');
  const found = replay(graph, graph.nodes, new Map([[graph.inputs[0]!.name, inputs]]), wanted);
  return wanted.map((name) => found.get(name)!);
}

/** The value with the logits: what a final softmax or sigmoid takes, where the network ends with one. */
export function logitsName({ graph, info }: Network): string {
  const output = info.logitsOutput ?? graph.outputs[0]!.name;
  if ((info.activation ?? 'none') === 'none') return output;
  return graph.nodes.find((node) => node.outputs.includes(output))!.inputs[0]!;
}

/** What runs between a layer and the logits: the layer's value -> the sum of the explained logits. */
export function tailScore(
  network: Network,
  value: string,
): { readonly reads: readonly string[]; score: (a: tf.Tensor, others: ReadonlyMap<string, tf.Tensor>) => tf.Scalar } {
  const { graph, info } = network;
  const logits = logitsName(network);
  const cut = cutGraph(graph, [value], [logits]);
  return {
    reads: cut.frontier,
    score: (a, others) => {
      const z = replay(graph, cut.tail, new Map([...others, [value, a]]), [logits]).get(logits)!;
      const explained = info.classes.slice(0, z.shape[0]).map((index, sample) => tf.slice(z, [sample, index], [1, 1]));
      return tf.sum(tf.concat(explained));
    },
  };
}

/** Grad-CAM before its ReLU, [batch, height, width], of a feature map and its gradient in the layer's own layout. */
export function gradCam(layer: LayerInfo, a: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
  const [activations, gradients] = [gridOf(layer, a), gridOf(layer, gradient)];
  return tf.sum(tf.mul(activations, tf.mean(gradients, [1, 2], true)), -1);
}

/** [batch, height, width, channels], tokens before the grid left out. */
function gridOf({ layout, grid, prefix }: LayerInfo, value: tf.Tensor): tf.Tensor {
  if (layout === 'nhwc') return value;
  if (layout === 'nchw') return tf.transpose(value, [0, 2, 3, 1]);
  const [batch, tokens, channels] = value.shape as [number, number, number];
  const before = prefix ?? 0;
  const [height, width] = grid!;
  return tf.reshape(tf.slice(value, [0, before, 0], [batch, tokens - before, channels]), [
    batch,
    height,
    width,
    channels,
  ]);
}

/** Largest difference relative to the largest absolute value of what is expected. */
export function relativeDifference(found: tf.Tensor, expected: tf.Tensor): number {
  return tf.tidy(() => {
    const difference = tf.max(tf.abs(tf.sub(found, expected)));
    return (difference.dataSync()[0] ?? NaN) / (tf.max(tf.abs(expected)).dataSync()[0] ?? NaN);
  });
}
