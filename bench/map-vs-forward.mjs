// Grad-CAM against the bare forward pass of the same file, both in ONNX Runtime with the same options:
//   node bench/map-vs-forward.mjs MODELS [ENGINE]
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import ort from 'onnxruntime-node';
import { chooseEngine } from '../dist/engine/engines.js';
import { methods } from '../dist/cam/methods.js';
import { classLogit } from '../dist/cam/targets/class-logit.js';
import { camPrograms, CLASS_INDEX } from '../dist/program/program.js';
import { findLayer, pickLayer } from '../dist/model/layers.js';
import { prepareModel } from '../dist/runs.js';
import { interleave, median, ms, ratio, table } from './measure.mjs';

const LAST = 'last convolution';
export const CASES = [
  { model: 'resnet50', layer: 'auto', where: LAST },
  { model: 'resnet50', layer: 'layer3', where: 'whole last stage (layer4)' },
  { model: 'efficientnet_v2_s', layer: 'auto', where: LAST },
  { model: 'efficientnet_v2_s', layer: 'features.5', where: 'whole last stage (features.6, 7)' },
];
/** Networks of other kinds, by their last map. */
export const OTHERS = [
  ...['efficientnet_b0', 'mobilenet_v3_large', 'mobilenet_v2', 'densenet121'],
  ...['resnext50_32x4d', 'inception_v3', 'vgg16', 'convnext_tiny', 'vit_b_16'],
].map((model) => ({ model, layer: 'auto', where: 'last map' }));

/**
 * The table, one row per model, layer and batch. How fast a session is depends by a percent or so on where its memory lies:
 * each case is measured in `sessions` pairs of them, `rounds` turns each, half as many for larger batches.
 */
export async function mapVsForward(
  folder,
  { cases = CASES, rounds = 25, sessions = 3, engine: id = 'cpu', batches = [1, 8] } = {},
) {
  const rows = [];
  for (const { model, layer, where } of cases.filter((one) => existsSync(`${folder}/${one.model}.onnx`))) {
    for (const batch of batches) {
      const times = { forward: [], map: [] };
      let shape;
      for (let session = 0; session < sessions; session++) {
        const measured = await measure(`${folder}/${model}.onnx`, {
          layer,
          batch,
          rounds: batch > 1 ? Math.ceil(rounds / 2) : rounds,
          id,
        });
        times.forward.push(...measured.times.forward);
        times.map.push(...measured.times.map);
        shape = measured.shape;
      }
      rows.push([
        model,
        where,
        shape.join(' x '),
        batch,
        ms(median(times.forward)),
        ms(median(times.map)),
        ratio(times.map, times.forward).toFixed(3),
      ]);
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
  }
  return table(['model', 'through', 'map', 'batch', 'bare forward', 'with Grad-CAM', 'ratio'], rows);
}

/** Times of a pair of sessions, turn by turn, and the shape of the layer. */
async function measure(file, { layer, batch, rounds, id }) {
  const threads = cpus().length;
  const engine = await chooseEngine(id);
  const prepared = await prepareModel(file, { batch });
  const { graph, output, layers } = prepared;
  const choice = layer === 'auto' ? pickLayer(graph, layers, output.logits, file) : findLayer(layers, layer, file);
  const { whole, image } = camPrograms({
    model: file,
    graph,
    input: prepared.model.input,
    output,
    layer: choice.layer,
    methods: [methods.gradcam],
    target: classLogit,
    batch,
  });
  const session = await engine.open(whole, { threads });
  const bare = await ort.InferenceSession.create(await readFile(file), {
    executionProviders: [id],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: { session: { force_spinning_stop: '1' } },
  });
  const shape = graph.inputs[0].type.shape;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Math.sin(index * 0.37));
  const feeds = {
    [image]: { dtype: 'float32', shape, data },
    [CLASS_INDEX]: { dtype: 'int32', shape: [batch], data: new Int32Array(batch).fill(7) },
  };
  const bareFeeds = { [bare.inputNames[0]]: new ort.Tensor('float32', data, shape) };
  const times = await interleave({ forward: () => bare.run(bareFeeds), map: () => session.run(feeds) }, { rounds });
  await session.close();
  await bare.release();
  return { times, shape: choice.layer.shape };
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [folder, engine] = process.argv.slice(2);
  for (const cases of [CASES, OTHERS]) process.stdout.write(`${await mapVsForward(folder, { cases, engine })}\n\n`);
}
