// What a replayed network is checked for, shared by the fast and the slow suite.
import { expect } from 'vitest';
import type { Constant } from '../../src/graph/graph.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { tensorOf } from '../../src/replay/call.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { trace } from '../../src/trace/tracer.ts';
import { forward, gradCam, logitsName, openNetwork, recorded, relativeDifference, tailScore } from './networks.ts';
import { runOrt } from './run.ts';
import type { Info, LayerInfo, Network } from './networks.ts';

/** Half precision rounds folded weights to 1e-3 of themselves. */
const tolerance = ({ info, variant }: Network): number =>
  Math.max(1e-4, 3 * (info.onnxOutputDifference?.[variant] ?? 0));

export function expectLogits(folder: string, variant: string): void {
  const network = openNetwork(folder, variant);
  tf.tidy(() => {
    const [logits] = forward(network, [logitsName(network)]);
    expect(relativeDifference(logits!, recorded(network, 'logits.npy'))).toBeLessThan(tolerance(network));
  });
}

export interface Tap {
  readonly variant: string;
  readonly layer: LayerInfo;
  readonly value: string;
}

/** Every layer of a network in every file that keeps its value. */
export function tapsOf(info: Info): Tap[] {
  return Object.keys(info.onnx).flatMap((variant) =>
    info.layers.flatMap((layer) =>
      (layer.values[variant] ?? []).slice(0, 1).map((value) => ({ variant, layer, value })),
    ),
  );
}

/**
 * The same, with the tail and its gradient recorded by the tracer and run by ONNX Runtime. What the tail reads are inputs of
 * the recorded graph, but for integers: shapes, which are constants in the graph of a fixed input.
 */
export async function expectTracedGradCam(folder: string, { variant, layer, value }: Tap): Promise<void> {
  const network = openNetwork(folder, variant);
  const { reads, score } = tailScore(network, value);
  const values = new Map<string, Constant>();
  tf.tidy(() => {
    forward(network, reads).forEach((tensor, index) => values.set(reads[index]!, constantFrom(tensor)));
  });
  const graph = trace((tracer) => {
    const others = new Map(
      [...values].map(
        ([name, constant]) =>
          [name, constant.dtype === 'int64' ? tensorOf(constant) : tracer.input(name, constant)] as const,
      ),
    );
    const a = others.get(value)!;
    return { map: gradCam(layer, a, tf.grad((x) => score(x, others))(a)) };
  });
  const feeds = new Map(graph.inputs.map(({ name }) => [name, values.get(name)!] as const));
  const { shape, values: map } = (await runOrt(graph, feeds)).get('map')!;
  tf.tidy(() => {
    const allowed = Math.max(tolerance(network), 3 * layer.float32Noise);
    expect(relativeDifference(tf.tensor([...map], [...shape]), recorded(network, layer.file))).toBeLessThan(allowed);
  });
}

const constantFrom = (tensor: tf.Tensor): Constant =>
  constantOf(
    tensor.dtype === 'int32' ? 'int64' : (tensor.dtype as 'float32' | 'bool'),
    tensor.shape,
    tensor.dataSync(),
  );

/** Grad-CAM of the tail after a layer against pytorch-grad-cam's; what the tail reads comes from replaying the head. */
export function expectGradCam(folder: string, { variant, layer, value }: Tap): void {
  const network = openNetwork(folder, variant);
  tf.tidy(() => {
    const { reads, score } = tailScore(network, value);
    const values = forward(network, reads);
    const others = new Map(reads.map((read, index) => [read, values[index]!] as const));
    const a = others.get(value)!;
    const map = gradCam(layer, a, tf.grad((x) => score(x, others))(a));
    const allowed = Math.max(tolerance(network), 3 * layer.float32Noise);
    expect(relativeDifference(map, recorded(network, layer.file))).toBeLessThan(allowed);
  });
}
