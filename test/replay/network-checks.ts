// What a replayed network is checked for, shared by the fast and the slow suite.
import { expect } from 'vitest';
import { tf } from '../../src/tf/tfjs.ts';
import { forward, gradCam, logitsName, openNetwork, recorded, relativeDifference, tailScore } from './networks.ts';
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
