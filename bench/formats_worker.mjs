// One model file in a process of its own. `node bench/formats_worker.mjs MODE JOB`, JOB as JSON; prints one line of JSON.
//   maps   {path, layers, inputs, classes}  logits and signed Grad-CAM maps at each layer
//   load   {path, size}                     from the path to an open session of the forward graph: milliseconds, memory
//   open   {files, model}                   the same network as ONNX: its files read, then opened by ONNX Runtime alone
//   save   {path, size, out}                the forward graph as ONNX, for `open`
//   layers {path}                           what `gradcam layers` lists
import { readFile, writeFile } from 'node:fs/promises';
import { gradcam } from '../dist/cam/methods/gradcam.js';
import { chooseEngine } from '../dist/engine/engines.js';
import { cpuSessionOptions } from '../dist/engine/onnxruntime.js';
import { createSession, loadOnnxRuntime } from '../dist/engine/ort.js';
import { decodeNpy } from '../dist/lib/npy.js';
import { tuneV8 } from '../dist/lib/v8.js';
import { loadModel } from '../dist/model/load.js';
import { encodeApart, encodeModel } from '../dist/onnx/encode.js';
import { openRun } from '../dist/runs.js';
import { listModelLayers } from '../dist/layers.js';
import { tf } from '../dist/tf/tfjs.js';

const MEGABYTE = 2 ** 20;
/** As many as a report has. */
const PICTURES = 100;
/** Grad-CAM before its ReLU, as the reference maps are. */
const signed = {
  ...gradcam,
  id: 'signed',
  map: (cam) => tf.sum(tf.mul(tf.mean(cam.gradients(), [1, 2], true), cam.activations), 3),
};

async function maps({ path, layers, inputs, classes, input }) {
  const file = decodeNpy(await readFile(inputs), inputs);
  const results = { logits: null, maps: [] };
  for (const layer of layers) {
    const run = await openRun(path, 'run', {
      batch: file.shape[0],
      layer,
      input,
      methods: [signed],
      engine: await chooseEngine('cpu'),
      voting: false,
    });
    const samples = arranged(file, run.prepared.model.input.layout);
    const inferred = await run.infer(samples, classes);
    results.logits = inferred.logits.map((values) => [...values]);
    results.maps.push((await inferred.maps(classes))[0].map((values) => [...values]));
    results.layer = run.layer.name;
    await run.close();
  }
  return results;
}

/** Samples of a batch in the axis order that the graph takes; Keras' own files have the channels last. */
function arranged({ shape, data }, layout) {
  const [count, ...dims] = shape;
  const size = data.length / count;
  const isLast = dims[2] === 3;
  return Array.from({ length: count }, (_, index) => {
    const sample = data.slice(index * size, (index + 1) * size);
    if (!isLast || layout === 'nhwc') return sample;
    const pixels = size / 3;
    return Float32Array.from(sample, (_value, at) => sample[(at % pixels) * 3 + Math.floor(at / pixels)]);
  });
}

async function load({ path, size, small }) {
  const ort = await loadOnnxRuntime();
  await smallSession(ort);
  // Neither is fetching the loader's own code.
  const warm = await loadModel(small);
  encodeApart(warm.model.forward({ batch: 1, size: warm.model.input.size ?? [64, 64] }));
  const watch = watchMemory();
  const started = performance.now();
  const { model } = await loadModel(path);
  const read = performance.now();
  const graph = model.forward({ batch: 1, size });
  const traced = performance.now();
  const loadedMb = watch().memoryMb;
  const started2 = performance.now();
  const parts = encodeApart(graph);
  const encoded = performance.now();
  const session = await createSession(ort, parts, cpuSessionOptions(graph, { pictures: PICTURES }));
  const ended = performance.now();
  await session.release();
  const watching = started2 - traced;
  return {
    totalMs: ended - started - watching,
    readMs: read - started,
    graphMs: traced - read,
    encodeMs: encoded - started2,
    openMs: ended - encoded,
    loadedMb,
    memoryMb: watch().memoryMb,
  };
}

async function open({ files, model }) {
  const ort = await loadOnnxRuntime();
  await smallSession(ort);
  const watch = watchMemory();
  const bytes = await readFile(model); // what is opened is in memory before the clock starts: the model's own files are read
  const started = performance.now();
  for (const file of files) await readFile(file);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const totalMs = performance.now() - started;
  await session.release();
  return { totalMs, ...watch() };
}

/** ONNX Runtime's own start is no model's. */
async function smallSession(ort) {
  const port = (name) => ({ name, type: { dtype: 'float32', shape: [1] } });
  const node = { op: 'Relu', domain: '', name: 'n', inputs: ['x'], outputs: ['y'], attributes: {} };
  const graph = {
    opset: 18,
    domains: {},
    inputs: [port('x')],
    outputs: [port('y')],
    nodes: [node],
    constants: new Map(),
    types: new Map(),
  };
  await (await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 })).release();
}

/** Highest resident memory from now on, above what there is now. */
function watchMemory() {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let highest = before;
  // The kernel's own high-water mark, which was as high as now or higher before.
  const mark = process.resourceUsage().maxRSS * 1024;
  return () => {
    highest = Math.max(highest, process.memoryUsage.rss());
    const peak = process.resourceUsage().maxRSS * 1024;
    return { memoryMb: (Math.max(highest, peak > mark ? peak : 0) - before) / MEGABYTE };
  };
}

async function save({ path, size, out }) {
  const { model } = await loadModel(path);
  const graph = model.forward({ batch: 1, size });
  await writeFile(out, encodeModel(graph));
  const weights = [...graph.constants.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { files: model.files, weightsMb: weights / MEGABYTE };
}

async function layers({ path }) {
  return listModelLayers(path);
}

tuneV8(); // as the command does
const [mode, job] = process.argv.slice(2);
const result = await { maps, load, open, save, layers }[mode](JSON.parse(job));
process.stdout.write(`${JSON.stringify(result)}\n`);
