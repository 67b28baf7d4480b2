// gradcam under the protocol of peers_worker.py: node own_worker.mjs MODEL.onnx [ENGINE]
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { classLogit } from '../dist/cam/targets/class-logit.js';
import { methods } from '../dist/cam/methods.js';
import { chooseEngine } from '../dist/engine/engines.js';
import { CLASS_INDEX, camPrograms } from '../dist/program/program.js';
import { chooseLayer, prepareModel } from '../dist/runs.js';

const [file, id = 'cpu'] = process.argv.slice(2);
const engine = await chooseEngine(id);
const made = new Map();

async function make(batch) {
  const prepared = await prepareModel(file, { batch });
  const { graph, output, model } = prepared;
  const { layer } = chooseLayer(prepared, 'auto');
  const { whole, image } = camPrograms({
    model: file,
    graph,
    input: model.input,
    output,
    layer,
    methods: [methods.gradcam],
    target: classLogit,
    batch,
  });
  const session = await engine.open(whole, { threads: cpus().length });
  const data = Float32Array.from({ length: batch * 3 * 224 * 224 }, (_, index) => Math.sin(index * 0.37));
  const feeds = {
    [image]: { dtype: 'float32', shape: [batch, 3, 224, 224], data },
    [CLASS_INDEX]: { dtype: 'int32', shape: [batch], data: new Int32Array(batch).fill(7) },
  };
  for (let warm = 0; warm < 2; warm++) await session.run(feeds);
  return () => session.run(feeds);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { batch, runs } = JSON.parse(line);
  if (!made.has(batch)) made.set(batch, await make(batch));
  const times = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await made.get(batch)();
    times.push(performance.now() - started);
  }
  process.stdout.write(`${JSON.stringify(times)}\n`);
}
process.exit(0);
