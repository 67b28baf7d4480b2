// What maps show besides layer, method and class: options, and identities of the scores on a tiny network.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MapMethod } from '../src/cam/method.ts';
import { methods } from '../src/cam/methods.ts';
import { chooseEngine } from '../src/engine/engines.ts';
import { parseMapChoices } from '../src/map-choices.ts';
import { plainTarget, type TargetChoice } from '../src/run-target.ts';
import { openRun, type OpenOptions } from '../src/runs.ts';
import { largestDifference, npy } from './arrays.ts';

const folder = fileURLToPath(new URL('fixtures/tiny-resnet/', import.meta.url));
const { data } = await npy(join(folder, 'inputs.npy'));
const input = data.slice(0, data.length / 2);
const LAST = '/layer3/layer3.0/relu_1/Relu_output_0';
const MIDDLE = '/layer1/layer1.0/relu_1/Relu_output_0';

async function mapOf(
  classIndex: number,
  explains: Partial<TargetChoice> = {},
  more: Partial<OpenOptions> = {},
): Promise<Float32Array> {
  const run = await openRun(join(folder, 'torchscript.onnx'), 'tiny', {
    batch: 1,
    layer: LAST,
    methods: [methods.gradcam],
    engine: await chooseEngine('cpu'),
    voting: false,
    signed: true,
    explains: { ...plainTarget, ...explains },
    ...more,
  });
  const maps = await (await run.infer([input], [classIndex])).maps([classIndex]);
  await run.close();
  return maps[0]![0]!;
}
const combined = (a: Float32Array, b: Float32Array, times: number): Float32Array =>
  a.map((value, at) => value + times * b[at]!);

describe('scores', () => {
  test('why 3 and not 1: Grad-CAM is linear in the score, so the maps are subtracted', async () => {
    const [three, one, difference] = await Promise.all([mapOf(3), mapOf(1), mapOf(3, { against: '1' })]);
    expect(largestDifference(difference, combined(three, one, -1))).toBeLessThan(1e-6);
  });

  test('against the next best: the best of the others is found for each picture', async () => {
    const logits = (await npy(join(folder, 'logits.npy'))).data.slice(0, 5);
    const order = [0, 1, 2, 4].sort((a, b) => logits[b]! - logits[a]!);
    const [next, named] = await Promise.all([mapOf(3, { against: 'next' }), mapOf(3, { against: String(order[0]) })]);
    expect(largestDifference(next, named)).toBeLessThan(1e-6);
  });

  test('a counterfactual map is the negated one', async () => {
    const [plain, against] = await Promise.all([mapOf(3), mapOf(3, { counterfactual: true })]);
    expect(
      largestDifference(
        against,
        plain.map((value) => -value),
      ),
    ).toBeLessThan(1e-6);
  });

  test('a probability weighs the maps of all classes: dp_c = p_c (dz_c - sum_d p_d dz_d)', async () => {
    const logits = [...(await npy(join(folder, 'logits.npy'))).data.slice(0, 5)];
    const powers = logits.map(Math.exp);
    const p = powers.map((power) => power / powers.reduce((a, b) => a + b));
    const maps = await Promise.all(logits.map((_, index) => mapOf(index)));
    let expected: Float32Array = maps[3]!.map((value) => value * p[3]!);
    for (const [index, map] of maps.entries()) expected = combined(expected, map, -p[3]! * p[index]!);
    expect(largestDifference(await mapOf(3, { score: 'probability' }), expected)).toBeLessThan(1e-5);
  });

  test('an unknown class to set against is told with the known ones', async () => {
    await expect(mapOf(3, { against: 'melanoma' })).rejects.toMatchObject({ code: 'unknown-class' });
  });
});

describe('maps made of maps', () => {
  test('fused layers: each by its own maximum, the coarser one brought to the finer grid, the mean', async () => {
    const [fused, last, middle] = await Promise.all([
      mapOf(3, {}, { layer: `${LAST}+${MIDDLE}`, signed: false }),
      mapOf(3, {}, { signed: false }),
      mapOf(3, {}, { layer: MIDDLE, signed: false }),
    ]);
    expect(fused).toHaveLength(64); // 8 x 8, the finer of 4 x 4 and 8 x 8
    const top = (map: Float32Array): number => map.reduce((a, b) => Math.max(a, b), 0);
    // Corner pixels lie outside the coarse grid's outer centres: there the outer value holds.
    expect(fused[0]).toBeCloseTo((last[0]! / top(last) + middle[0]! / top(middle)) / 2, 5);
  });

  test('smoothing over versions of a picture that is all one colour: mirrored maps are mirrored back', async () => {
    const flat = input.map(() => 0);
    const run = await openRun(join(folder, 'torchscript.onnx'), 'tiny', {
      batch: 1,
      layer: LAST,
      methods: [methods.gradcam],
      engine: await chooseEngine('cpu'),
      voting: false,
      versions: true,
    });
    const maps = await (await run.infer([flat], [3])).maps([3]);
    await run.close();
    const [map] = maps[0]!;
    // A zero picture times any factor is itself, so the mean is over the map and its mirror image: symmetric.
    for (let y = 0; y < 4; y++) expect(map![y * 4]).toBeCloseTo(map![y * 4 + 3]!, 6);
  });

  test('a method without terms cannot be smoothed by their component', async () => {
    const eigen: readonly MapMethod[] = [methods.eigencam];
    await expect(mapOf(3, {}, { methods: eigen, eigenSmooth: true })).rejects.toMatchObject({
      code: 'nothing-to-smooth',
    });
  });
});

describe('options', () => {
  test('defaults', () => {
    expect(parseMapChoices({})).toEqual({
      signed: false,
      counterfactual: false,
      against: null,
      score: 'logit',
      smooth: [],
      settings: {},
      seed: 0,
    });
  });
  test('settings are grouped by method', () => {
    expect(parseMapChoices({ setting: ['rise.masks=10', 'rise.keep=0.3', 'smoothgrad.samples=4'] }).settings).toEqual({
      rise: { masks: '10', keep: '0.3' },
      smoothgrad: { samples: '4' },
    });
  });
  test.each([
    [{ score: 'softmax' }, 'bad-option'],
    [{ seed: 1.5 }, 'bad-option'],
    [{ smooth: ['blur'] }, 'bad-option'],
    [{ setting: ['rise'] }, 'bad-option'],
    [{ setting: ['rise.masks=none'] }, 'bad-option'],
    [{ setting: ['rice.masks=1'] }, 'unknown-method'],
    [{ setting: ['rise.mask=1'] }, 'unknown-setting'],
  ])('%j is refused', (spec, code) => {
    expect(() => parseMapChoices(spec)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
