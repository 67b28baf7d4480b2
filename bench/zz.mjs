// Grad-CAM against the bare forward pass of the same file, both in ONNX Runtime with the same options:
//   node bench/map-vs-forward.mjs MODELS [ENGINE]
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import ort from 'onnxruntime-node';
import { chooseEngine } from '/work/main/dist/engine/engines.js';
import { methods } from '/work/main/dist/cam/methods.js';
import { classLogit } from '/work/main/dist/cam/targets/class-logit.js';
import { camPrograms, CLASS_INDEX } from '/work/main/dist/program/program.js';
import { findLayer, pickLayer } from '/work/main/dist/model/layers.js';
import { prepareModel } from '/work/main/dist/runs.js';
import { interleave, median, ms, ratio, table } from '/work/main/bench/measure.mjs';

const CASES = [
  { model: 'efficientnet_v2_s', layer: 'features.5', where: 'whole last stage (features.6, 7)' },
];

/** The table, one row per model, layer and batch. */
export async function mapVsForward(folder, { rounds = Number(process.env.R??100), engine: id = 'cpu', batches = (process.env.B??'1').split(',').map(Number) } = {}) {
  const threads = cpus().length;
  const engine = await chooseEngine(id);
  const rows = [];
  for (const { model, layer, where } of CASES) {
    for (const batch of batches) {
      const file = `${folder}/${model}.onnx`;
      const prepared = await prepareModel(file, { batch });
      const { graph, output, layers } = prepared;
      const choice = layer === 'auto' ? pickLayer(graph, layers, output.logits, file) : findLayer(layers, layer, file);
      const request = {
        model: file,
        graph,
        input: prepared.model.input,
        output,
        layer: choice.layer,
        methods: [methods.gradcam],
        target: classLogit,
        batch,
      };
      const { whole, image } = camPrograms(request);
      const session = await engine.open(whole, { threads });
      const bare = await ort.InferenceSession.create(await readFile(file), {
        executionProviders: [id],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        extra: { session: { force_spinning_stop: '1' } },
      });
      const shape = graph.inputs[0].type.shape;
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) =>
        Math.sin(index * 0.37),
      );
      const feeds = {
        [image]: { dtype: 'float32', shape, data },
        [CLASS_INDEX]: { dtype: 'int32', shape: [batch], data: new Int32Array(batch).fill(7) },
      };
      const bareFeeds = { [bare.inputNames[0]]: new ort.Tensor('float32', data, shape) };
      const times = await interleave({ forward: () => bare.run(bareFeeds), map: () => session.run(feeds) }, { rounds });
      rows.push([
        model,
        where,
        choice.layer.shape.join(' x '),
        batch,
        ms(median(times.forward)),
        ms(median(times.map)),
        ratio(times.map, times.forward).toFixed(3),
      ]);
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
      await session.close();
      await bare.release();
    }
  }
  return table(['model', 'through', 'map', 'batch', 'bare forward', 'with Grad-CAM', 'ratio'], rows);
}

if (import.meta.url === `file://${process.argv[1]}`)
  process.stdout.write(`${await mapVsForward(process.argv[2], { engine: process.argv[3] })}\n`);
