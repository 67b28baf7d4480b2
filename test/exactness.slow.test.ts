// The identities that hold to rounding, on the networks that ship. For a head of global average pooling and one linear layer
// Grad-CAM at the last map is CAM: sum_k W_ck / (H W) A_k, and its sum before the ReLU is the logit less the bias.
import { expect, test } from 'vitest';
import type { CamMethod } from '../src/cam/method.ts';
import { numbersOf } from '../src/graph/tensor.ts';
import { decodePicture } from '../src/image/codec.ts';
import { prepareInput } from '../src/image/prepare.ts';
import { chooseEngine } from '../src/engine/engines.ts';
import { openRun } from '../src/runs.ts';
import { tf } from '../src/tf/tfjs.ts';
import { largestDifference } from './arrays.ts';

const method = (id: string, map: CamMethod['map'], needs: CamMethod['needs'] = 'gradients'): CamMethod => ({
  id,
  title: id,
  paper: '',
  needs,
  map,
});
const signed = method('signed', (cam) => tf.sum(tf.mul(tf.mean(cam.gradients(), [1, 2], true), cam.activations), 3));
const signedHiRes = method('signed-hirescam', (cam) => tf.sum(tf.mul(cam.gradients(), cam.activations), 3));
const features = method(
  'features',
  (cam) => tf.reshape(cam.activations, [cam.activations.shape[0], -1, cam.activations.shape[3]]),
  'activations',
);
const CLASSES = [0, 1, 2, 3, 4, 5, 6];
const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

async function explained(run: string, picture: string) {
  const open = await openRun(`runs/${run}`, run, {
    batch: CLASSES.length,
    methods: [signed, signedHiRes, features],
    engine: await chooseEngine('cpu'),
    voting: false,
  });
  const { data } = prepareInput(await decodePicture(`samples/${picture}.jpg`), open.prepared.prepare);
  const inferred = await open.infer(
    CLASSES.map(() => data),
    CLASSES,
  );
  const [cam, hires, maps] = await inferred.maps(CLASSES);
  await open.close();
  return { open, logits: inferred.logits[0]!, cam: cam!, hires: hires!, features: maps![0]! };
}

test.each(['ce', 'focal'])('%s: Grad-CAM = HiResCAM = CAM, and its sum is the logit less the bias', async (run) => {
  const { open, logits, cam, hires, features: a } = await explained(run, 'SYN_0005');
  const { graph } = open.prepared;
  const gemm = graph.nodes.findLast((node) => node.op === 'Gemm')!;
  const [weights, bias] = [gemm.inputs[1]!, gemm.inputs[2]!].map((name) =>
    Float64Array.from(numbersOf(graph.constants.get(name)!), Number),
  );
  const channels = open.layer.shape[2];
  const cells = a.length / channels;
  const scale = Math.max(...cam.map((map) => Math.max(...map.map(Math.abs))));
  for (const c of CLASSES) {
    const direct = Float64Array.from({ length: cells }, (_, cell) => {
      let value = 0;
      for (let k = 0; k < channels; k++) value += weights![c * channels + k]! * a[cell * channels + k]!;
      return value / cells;
    });
    expect(largestDifference(cam[c]!, direct) / scale).toBeLessThan(1e-5);
    expect(largestDifference(hires[c]!, cam[c]!) / scale).toBeLessThan(1e-5);
    expect(Math.abs(sum(cam[c]!) - (logits[c]! - bias![c]!)) / Math.max(1, Math.abs(logits[c]!))).toBeLessThan(1e-5);
  }
});

test.each(['ldam', 'lmf'])('%s: with a normalised head the map sums to zero before its ReLU', async (run) => {
  const { cam } = await explained(run, 'SYN_0009');
  for (const map of cam) expect(Math.abs(sum(map)) / sum(map.map(Math.abs))).toBeLessThan(1e-5);
});
