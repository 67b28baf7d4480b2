// What must hold exactly: completeness, sensitivity, methods that become others at a pooled linear head.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { CamMethod, MapMethod, PassMethod } from '../../src/cam/method.ts';
import { methods } from '../../src/cam/methods.ts';
import { chooseEngine } from '../../src/engine/engines.ts';
import { openRun, type OpenOptions } from '../../src/runs.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { largestDifference, npy } from '../arrays.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const LAST = '/layer3/layer3.0/relu_1/Relu_output_0';
const MIDDLE = '/layer2/layer2.1/relu_1/Relu_output_0';
const TARGET = 3;

async function run(
  wanted: readonly MapMethod[],
  more: Partial<OpenOptions> = {},
  network = 'tiny-resnet',
): Promise<{ maps: readonly Float32Array[]; logits: Float32Array; notes: readonly (string | null)[] }> {
  const { data, shape } = await npy(join(fixtures, network, 'inputs.npy'));
  const open = await openRun(join(fixtures, network, 'torchscript.onnx'), network, {
    batch: 1,
    layer: LAST,
    methods: wanted,
    engine: await chooseEngine('cpu'),
    voting: false,
    signed: true,
    ...more,
  });
  const inferred = await open.infer([data.slice(0, data.length / shape[0]!)], [TARGET]);
  const explained = (await inferred.explained([TARGET])).map(([first]) => first!);
  await open.close();
  return {
    maps: explained.map(({ map }) => map),
    logits: inferred.logits[0]!,
    notes: explained.map(({ note = null }) => note),
  };
}
const total = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
const top = (values: Float32Array): number => Math.max(...values.map(Math.abs));
const at = (method: MapMethod): MapMethod => ({ ...method, id: `${method.id}-of-test` });

/** The score with every feature map set to zero. */
const withoutFeatures: PassMethod['explain'] = async (passes) => ({
  map: await passes.scaledScores([new Float32Array(passes.layerShape[2])], 1),
});

/** sum x o g + sum_l sum b_l o g_l, as one cell. */
const everything: CamMethod = {
  id: 'everything',
  title: 'FullGrad’s sum',
  paper: 'arXiv 1905.00780, eq. 3',
  at: 'input',
  needs: 'gradients',
  taps: 'biases',
  map({ activations, gradients, tapped }) {
    const own = tf.sum(tf.mul(activations, gradients()), [1, 2, 3]);
    const sum = tapped.reduce<tf.Tensor>((before, { gradient, bias }) => {
      const terms = tf.mul(gradient(), bias!);
      return tf.add(before, tf.sum(tf.reshape(terms, [terms.shape[0], -1]), 1));
    }, own);
    return tf.reshape(sum, [-1, 1, 1]);
  },
};

describe('at global average pooling and one linear layer', () => {
  test('Grad-CAM = HiResCAM = CAM / cells', async () => {
    const { maps } = await run([methods.gradcam, methods.hirescam, methods.cam]);
    const [gradcam, hirescam, cam] = maps;
    expect(largestDifference(hirescam!, gradcam!)).toBeLessThan(1e-6);
    expect(
      largestDifference(
        cam!.map((value) => value / 16),
        gradcam!,
      ),
    ).toBeLessThan(1e-6);
  });

  test('HiResCAM adds up to the score less the head’s bias', async () => {
    const { maps, logits } = await run([methods.hirescam]);
    // The head's bias is the score of a picture whose last feature maps are all zero.
    const zero = await run([
      { ...methods.ablationcam, id: 'nothing', relu: false, closedForm: undefined, explain: withoutFeatures },
    ]);
    expect(total(maps[0]!) + zero.maps[0]![0]!).toBeCloseTo(logits[TARGET]!, 5);
  });

  test('Ablation-CAM in closed form is Ablation-CAM by passes', async () => {
    const byPasses = { ...methods.ablationcam, id: 'by-passes', closedForm: undefined };
    const { maps } = await run([methods.ablationcam, byPasses]);
    expect(largestDifference(maps[0]!, maps[1]!) / top(maps[0]!)).toBeLessThan(1e-4);
  });

  test('CAM is refused elsewhere', async () => {
    await expect(run([methods.cam], { layer: MIDDLE })).rejects.toMatchObject({ code: 'head-not-pooled' });
  });
});

describe('between ReLUs', () => {
  test('FullGrad is complete: the score is what picture and biases contribute', async () => {
    const { maps, logits } = await run([everything]);
    expect(maps[0]![0]).toBeCloseTo(logits[TARGET]!, 4);
  });

  test('ShapleyCAM is Grad-CAM: the score has no curvature', async () => {
    const { maps } = await run([methods.shapleycam, methods.gradcam], { layer: MIDDLE });
    expect(largestDifference(maps[0]!, maps[1]!)).toBeLessThan(1e-6);
  });
});

describe('sums', () => {
  test('Integrated Gradients are complete to 1e-3 with enough steps, and say so where there are too few', async () => {
    const steps = (count: string): Partial<OpenOptions> => ({
      settings: { 'integrated-gradients': { steps: count, baseline: 'zero' } },
    });
    const few = await run([methods['integrated-gradients']], steps('2'));
    expect(few.notes[0]).toContain('the path of 2 steps is too coarse');
    const many = await run([methods['integrated-gradients']], steps('512'));
    expect(many.notes[0]).toBeNull();
  });

  test('XGrad-CAM is sensitive: its map adds up to <g, A>, as HiResCAM’s does', async () => {
    const { maps } = await run([methods.xgradcam, methods.hirescam], { layer: MIDDLE });
    expect(total(maps[0]!)).toBeCloseTo(total(maps[1]!), 4);
  });

  test('Smooth Grad-CAM++ without noise is Grad-CAM++', async () => {
    const settings = { 'smoothgradcam++': { samples: '2', noise: '0' } };
    const { maps } = await run([methods['smoothgradcam++'], methods['gradcam++']], { layer: MIDDLE, settings });
    expect(largestDifference(maps[0]!, maps[1]!) / top(maps[1]!)).toBeLessThan(1e-5);
  });

  test('SmoothGrad without noise is the gradient', async () => {
    const settings = { smoothgrad: { samples: '2', noise: '0' } };
    const { maps } = await run([methods.smoothgrad, methods.gradient], { settings });
    expect(largestDifference(maps[0]!, maps[1]!) / top(maps[1]!)).toBeLessThan(1e-5);
  });

  test('what is random comes out the same again, and another seed gives another map', async () => {
    const settings = { rise: { masks: '40' } };
    const rise = [methods.rise];
    const [first, again, other] = await Promise.all([
      run(rise, { settings }),
      run(rise, { settings }),
      run(rise, { settings, seed: 1 }),
    ]);
    expect(again.maps[0]).toEqual(first.maps[0]);
    expect(other.maps[0]).not.toEqual(first.maps[0]);
  });
});

describe('engines', () => {
  test('the eager engine runs the same functions, those of many passes too', async () => {
    const wanted = [methods.scorecam, methods.ablationcam, methods['attention-rollout'], methods['gradient-rollout']];
    const layer = '/blocks/blocks.0/Add_1_output_0';
    const settings = {};
    const [compiled, eager] = await Promise.all([
      run(wanted, { layer, settings }, 'tiny-vit'),
      run(wanted, { layer, settings, engine: await chooseEngine('eager') }, 'tiny-vit'),
    ]);
    for (const [m, map] of compiled.maps.entries())
      expect(largestDifference(eager.maps[m]!, map) / top(map), wanted[m]!.id).toBeLessThan(1e-4);
  });

  test('voting runs open the head apart: the maps are the same', async () => {
    const wanted = [methods.gradcam, methods.gradient, at(methods.ablationcam)];
    const [together, apart] = await Promise.all([run(wanted), run(wanted, { voting: true })]);
    for (const [m, map] of together.maps.entries())
      expect(largestDifference(apart.maps[m]!, map) / top(map)).toBeLessThan(1e-5);
  });

  test('a convolutional network has no attention to roll out', async () => {
    await expect(run([methods['attention-rollout']])).rejects.toMatchObject({ code: 'no-global-attention' });
  });
});
