// node bench/methods.mjs MODELS [--python PYTHON]: methods at the last layer of ResNet50 against the bare forward pass, together and
// one by one; Ablation-CAM and Score-CAM against pytorch-grad-cam's. MODELS has resnet50.onnx and, for the peer, resnet50.pt.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { methods } from '../dist/cam/methods.js';
import { classLogit } from '../dist/cam/targets/class-logit.js';
import { cpu } from '../dist/engine/engines/cpu.js';
import { camPrograms, CLASS_INDEX } from '../dist/program/program.js';
import { chooseLayer, openRun, prepareModel } from '../dist/runs.js';
import { interleave, median, ms, ratio, table } from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string' }, rounds: { type: 'string', default: '15' } },
});
const file = `${positionals[0]}/resnet50.onnx`;
const threads = cpus().length;
const ONE = ['gradcam', 'gradcam++', 'layercam', 'hirescam', 'xgradcam', 'eigencam', 'cam', 'ablationcam'];
const FIVE = ['gradcam', 'gradcam++', 'layercam', 'hirescam', 'xgradcam'];
/** Channels that the peer is timed with; its time grows with their number. */
const CHANNELS = 128;

/** Of the fastest turns: what a stall of the machine cannot touch. */
const fastest = (times, base) => (Math.min(...times) / Math.min(...base)).toFixed(3);
const noise = (size) => Float32Array.from({ length: size }, (_, index) => Math.sin(index * 0.37));
const onePass = (id) =>
  methods[id].map ? methods[id] : { ...methods[id], needs: 'gradients', map: methods[id].closedForm };

/** Forward pass and every method, turn by turn. */
async function oneByOne(batch, rounds) {
  const prepared = await prepareModel(file, { batch });
  const { graph, output, model } = prepared;
  const { layer } = chooseLayer(prepared, 'auto');
  const shape = graph.inputs[0].type.shape;
  const data = noise(shape.reduce((a, b) => a * b, 1));
  const work = {};
  const sessions = [];
  for (const [name, ids] of [...ONE.map((id) => [id, [id]]), ['five together', FIVE]]) {
    const { whole, image } = camPrograms({
      model: file,
      graph,
      input: model.input,
      output,
      layer,
      methods: ids.map(onePass),
      target: classLogit,
      batch,
    });
    const session = await cpu.open(whole, { threads });
    sessions.push(session);
    const feeds = {
      [image]: { dtype: 'float32', shape, data },
      [CLASS_INDEX]: { dtype: 'int32', shape: [batch], data: new Int32Array(batch).fill(7) },
    };
    work[name] = () => session.run(feeds);
  }
  const bare = await ort.InferenceSession.create(await readFile(file), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: { session: { force_spinning_stop: '1' } },
  });
  const bareFeeds = { [bare.inputNames[0]]: new ort.Tensor('float32', data, shape) };
  const times = await interleave({ forward: () => bare.run(bareFeeds), ...work }, { rounds });
  await Promise.all([...sessions.map((session) => session.close()), bare.release()]);
  return Object.keys(times).map((name) => [
    name,
    batch,
    ms(median(times[name])),
    ratio(times[name], times.forward).toFixed(3),
    fastest(times[name], times.forward),
    fastest(times[name], times.gradcam),
  ]);
}

/** Milliseconds of one picture under methods of many passes, and of `CHANNELS` masked pictures. */
async function manyPasses() {
  const timed = async (wanted) => {
    const run = await openRun(file, 'bench', {
      batch: 1,
      layer: 'auto',
      methods: [wanted],
      engine: cpu,
      voting: false,
      threads,
    });
    const input = noise(3 * 224 * 224);
    const once = async () => {
      const started = performance.now();
      await (await run.infer([input], [7])).maps([7]);
      return performance.now() - started;
    };
    await once();
    const elapsed = await once();
    await run.close();
    return elapsed;
  };
  const closed = await timed(methods.ablationcam);
  const passes = await timed({ ...methods.ablationcam, closedForm: undefined });
  const partial = { ...methods.scorecam, explain: (given) => methods.scorecam.explain(firstChannels(given)) };
  return { closed, passes, score: await timed(partial) };
}

/** What a method of many passes sees, with the first feature maps alone. */
function firstChannels(passes) {
  const [height, width, channels] = passes.layerShape;
  return {
    ...passes,
    layerShape: [height, width, CHANNELS],
    features: () => passes.features().filter((_, at) => at % channels < CHANNELS),
  };
}

async function peer() {
  if (values.python === undefined) return null;
  const child = spawn(
    values.python,
    [
      fileURLToPath(new URL('methods_worker.py', import.meta.url)),
      `${positionals[0]}/resnet50.pt`,
      String(CHANNELS),
      String(threads),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) return JSON.parse(line);
  return null;
}

const rows = [
  ...(await oneByOne(1, Number(values.rounds))),
  ...(await oneByOne(8, Math.ceil(Number(values.rounds) / 2))),
];
const ours = await manyPasses();
const theirs = await peer();
const version = async (name) =>
  JSON.parse(await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
const times = (own, other) => `${(other / own).toFixed(1)} x`;
const many =
  theirs === null
    ? []
    : [
        [
          'Ablation-CAM, closed form (this head is affine)',
          `${CHANNELS} of 2048`,
          ms((ours.closed * CHANNELS) / 2048),
          ms(theirs.ablation),
          times((ours.closed * CHANNELS) / 2048, theirs.ablation),
        ],
        [
          'Ablation-CAM, every channel through the tail',
          `${CHANNELS} of 2048`,
          ms((ours.passes * CHANNELS) / 2048),
          ms(theirs.ablation),
          times((ours.passes * CHANNELS) / 2048, theirs.ablation),
        ],
        ['Score-CAM', `${CHANNELS} of 2048`, ms(ours.score), ms(theirs.score), times(ours.score, theirs.score)],
      ];
const text = `# Methods: what they cost

Made by \`node bench/methods.mjs MODELS --python PYTHON\` on ${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.versions.node}, onnxruntime-node ${await version('onnxruntime-node')}${theirs === null ? '' : `, against pytorch-grad-cam ${theirs.version} on PyTorch ${theirs.torch}, ${threads} threads each`}.
ResNet50 at 224 x 224, layer4. Ratios within one run are what counts: medians of neighbouring turns, and of the fastest turns of each.

${table(['method', 'batch', 'time', 'over the bare forward pass', 'fastest over fastest forward', 'fastest over fastest Grad-CAM'], rows)}
${
  many.length === 0
    ? ''
    : `
One picture. Both times grow with the number of channels; the peer is timed with ${CHANNELS} of 2048, ours of all channels are
divided to match (Score-CAM: timed with as many). Ours include the forward pass and everything around it.

${table(['method', 'channels', 'gradcam', 'pytorch-grad-cam', 'faster'], many)}
`
}`;
await writeFile(new URL('METHODS.md', import.meta.url), text);
process.stdout.write(text);
process.exit(0);
