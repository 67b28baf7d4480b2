// npm run bench -- --models DIR --reference DIR: every benchmark in one run, written to bench/RESULTS.md.
//   --models     resnet50.onnx, efficientnet_v2_s.onnx and others (bench/make_models.py)
//   --reference  EfficientNet-Lite0: model.onnx, run.json, photos/
import { cpus, totalmem } from 'node:os';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstMap, inferenceShare, memory } from './end-to-end.mjs';
import { mapVsForward, OTHERS } from './map-vs-forward.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    reference: { type: 'string' },
    out: { type: 'string', default: 'bench/RESULTS.md' },
  },
});
if (values.models === undefined || values.reference === undefined) {
  process.stderr.write('npm run bench -- --models DIR --reference DIR   (see the head of bench/run.mjs)\n');
  process.exit(1);
}
const { models, reference } = values;
const version = async (name) =>
  JSON.parse(await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
const photos = (await readdir(join(reference, 'photos')))
  .filter((name) => /\.(png|jpg)$/.test(name))
  .map((name) => join(reference, 'photos', name));
const files = ['resnet50', 'efficientnet_v2_s'].map((name) => join(models, `${name}.onnx`));

const sections = [
  [
    'Grad-CAM against the bare forward pass',
    'Both in ONNX Runtime, same file, same options, turn by turn; medians of 75 turns in three pairs of sessions (39 for batch 8), ratio = median over neighbouring turns, by two, once in this order and once in that.',
    await mapVsForward(models),
  ],
  [
    'The same for other networks',
    'Their last map with places, as `auto` takes it.',
    await mapVsForward(models, { cases: OTHERS }),
  ],
  [
    'Whole command: `compare`, 4 runs x 64 photographs (600 x 450 JPEG)',
    '"Engine at work" is the wall time in which at least one session computes, measured in the thread that it computes in (the union of those intervals: what runs side by side counts once, handing over to threads does not count); decoding, blending, encoding and writing overlap it. "From the first batch" leaves out starting Node, reading the first model, and the report.',
    await inferenceShare(files, photos),
  ],
  ['Process start to the first map on disk, EfficientNet-Lite0', 'Medians of 7.', await firstMap(reference, photos[0])],
  [
    'Peak memory of `compare` (one small run)',
    'Resident memory of the process, all threads.',
    await memory('runs/ce', photos),
  ],
];
const machine = `${cpus().length} x ${cpus()[0].model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, onnxruntime-node ${await version('onnxruntime-node')}, TensorFlow.js ${await version('@tensorflow/tfjs')}`;
const peers = await readFile(new URL('PEERS.md', import.meta.url), 'utf8').catch(() => '');
const text = `# Results\n\nMade by \`npm run bench -- --models DIR --reference DIR\` on ${machine}.\nRatios within one run are what counts; absolute times are those of a shared machine.\n\n${sections.map(([title, note, table]) => `## ${title}\n${note}\n\n${table}\n`).join('\n')}${peers === '' ? '' : `\n${peers}`}`;
await writeFile(values.out, text);
process.stdout.write(text);
