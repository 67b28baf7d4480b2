// Real ImageNet weights on four photographs, against pytorch-grad-cam. The model (19 MB) is not in this repository: the test
// runs where the reference folder lies beside it, or where GRADCAM_REFERENCE names it.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MapMethod, PassMethod } from '../src/cam/method.ts';
import { methods, type MethodId } from '../src/cam/methods.ts';
import { compare } from '../src/compare.ts';
import { decodePicture } from '../src/image/codec.ts';
import { prepareInput } from '../src/image/prepare.ts';
import { chooseEngine } from '../src/engine/engines.ts';
import { openRun, prepareModel } from '../src/runs.ts';
import { correlation, largestDifference, npy } from './arrays.ts';

const folder =
  process.env['GRADCAM_REFERENCE'] ??
  fileURLToPath(new URL('../../shared/fixtures/efficientnet-lite0', import.meta.url));
const present = existsSync(join(folder, 'model.onnx'));
if (!present) process.stderr.write(`skipped: EfficientNet-Lite0 is not at ${folder}\n`);

interface Targets {
  readonly images: readonly string[];
  readonly classes: Readonly<
    Record<string, Readonly<Record<'top1' | 'top2', { index: number; name: string; prob: number; logit: number }>>>
  >;
}

/** pytorch-grad-cam's name of each method. Its maps are signed: ours are compared after the ReLU. */
const PEER: Partial<Record<MethodId, string>> = {
  gradcam: 'GradCAM',
  'gradcam++': 'GradCAMPlusPlus',
  'gradcam-elementwise': 'GradCAMElementWise',
  hirescam: 'HiResCAM',
  layercam: 'LayerCAM',
  xgradcam: 'XGradCAM',
  eigencam: 'EigenCAM',
  eigengradcam: 'EigenGradCAM',
};
/** XGrad-CAM divides by the sum of a feature map: before the ReLU6 that sum may be near zero, and the rounding of both sides grows. */
const tolerance = (id: MethodId, layer: string): number => (id === 'xgradcam' && layer === 'pre_relu6' ? 5e-3 : 1e-4);
const LAYERS = {
  post_relu6: '/features/_head_act/Clip_output_0',
  pre_relu6: '/features/_conv_head/Conv_output_0',
} as const;

/** Ablation-CAM without its closed form: every channel in a pass through the tail. */
const ablationByPasses: PassMethod = { ...methods.ablationcam, id: 'by-passes', closedForm: undefined };

describe.skipIf(!present)('EfficientNet-Lite0', () => {
  const targets = present
    ? (JSON.parse(readFileSync(join(folder, 'reference/targets.json'), 'utf8')) as Targets)
    : { images: [], classes: {} };
  const ids = Object.keys(PEER) as MethodId[];

  async function mapsOf(
    wanted: readonly MapMethod[],
    data: Float32Array,
    classIndex: number,
  ): Promise<readonly Float32Array[]> {
    const engine = await chooseEngine('cpu');
    const run = await openRun(folder, 'lite0', {
      batch: 1,
      layer: LAYERS.post_relu6,
      methods: wanted,
      engine,
      voting: false,
    });
    const maps = await (await run.infer([data], [classIndex])).maps([classIndex]);
    await run.close();
    return maps.map((samples) => samples[0]!);
  }

  test.each(['cpu', 'eager'])(
    '%s: raw maps of the recorded tensors, every gradient method, two layers, two classes',
    async (engine) => {
      for (const [name, layer] of Object.entries(LAYERS)) {
        const run = await openRun(folder, 'lite0', {
          batch: 1,
          layer,
          methods: ids.map((id) => methods[id]),
          engine: await chooseEngine(engine),
          voting: false,
        });
        for (const image of targets.images.slice(0, engine === 'eager' ? 1 : 4)) {
          const picture = await decodePicture(join(folder, `photos-224/${image}.png`));
          const { data } = prepareInput(picture, run.prepared.prepare);
          for (const [rank, target] of Object.entries(targets.classes[image]!)) {
            const inferred = await run.infer([data], [target.index]);
            expect(inferred.logits[0]![target.index]).toBeCloseTo(target.logit, 3);
            const maps = await inferred.maps([target.index]);
            for (const [m, id] of ids.entries()) {
              const file = join(folder, `reference/${name}/${image}_${rank}_${PEER[id]}_raw.npy`);
              const reference = (await npy(file)).data;
              const top = Math.max(...reference.map(Math.abs));
              // The sign of a principal component is free: the reference is turned to ours, whose extreme value is positive.
              const turn = id.startsWith('eigen') && -Math.min(...reference) > Math.max(...reference) ? -1 : 1;
              const rectified = reference.map((value) => Math.max(0, turn * value));
              expect(largestDifference(maps[m]![0]!, rectified) / top, `${id} ${file}`).toBeLessThan(
                tolerance(id, name),
              );
            }
          }
        }
        await run.close();
      }
    },
  );

  test('methods of many passes: one photograph at the last layer', async () => {
    const [image, [rank, target]] = ['chelsea', ['top1', targets.classes['chelsea']!.top1]] as const;
    const { prepare } = await prepareModel(folder, { batch: 1 });
    const { data } = prepareInput(await decodePicture(join(folder, `photos-224/${image}.png`)), prepare);
    const maps = await mapsOf([methods.scorecam, methods.ablationcam, ablationByPasses], data, target.index);
    for (const [m, peer] of ['ScoreCAM', 'AblationCAM', 'AblationCAM'].entries()) {
      const reference = (await npy(join(folder, `reference/post_relu6/${image}_${rank}_${peer}_raw.npy`))).data;
      const top = Math.max(...reference.map(Math.abs));
      const rectified = reference.map((value) => Math.max(0, value));
      expect(largestDifference(maps[m]!, rectified) / top, `${peer} ${m}`).toBeLessThan(1e-3);
    }
  });

  test('fed the photographs: same top-1, maps correlate above 0.99', async () => {
    const out = await mkdtemp(join(tmpdir(), 'gradcam-test-'));
    const report = await compare({
      models: [folder],
      images: [join(folder, 'photos-224')],
      target: 'predicted',
      out,
      engine: 'cpu',
    });
    expect(report.cells).toHaveLength(4);
    for (const cell of report.cells) {
      expect(cell.predicted?.index).toBe(targets.classes[cell.sample]!.top1.index);
      expect(cell.predicted?.probability).toBeCloseTo(targets.classes[cell.sample]!.top1.prob, 4);
      const ours = await npy(join(out, cell.map!));
      const reference = await npy(join(folder, `reference/post_relu6/${cell.sample}_top1_GradCAM_raw.npy`));
      expect(
        correlation(
          ours.data,
          reference.data.map((value) => Math.max(0, value)),
        ),
      ).toBeGreaterThan(0.99);
    }
    await rm(out, { recursive: true, force: true });
  });
});
