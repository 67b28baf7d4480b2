// Grad-CAM by gradcam and by its peers, on the same work, turn by turn in one run; written to bench/PEERS.md.
//   node bench/peers.mjs --models DIR --python PYTHON --python-tf PYTHON
//   PYTHON has torch, torchvision, grad-cam, captum, torchcam, onnxruntime; the second one tensorflow, keras, tf-keras-vis.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, ms, table } from './measure.mjs';
import { worker } from './worker.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    python: { type: 'string' },
    'python-tf': { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const threads = String(cpus().length);

const VARIANTS = [
  'onnxruntime-forward',
  'gradcam',
  'pytorch-forward',
  'torchcam',
  'captum',
  'pytorch-grad-cam',
  'tf-keras-vis',
];
const rows = [];
for (const model of ['resnet50', 'efficientnet_v2_s']) {
  const workers = Object.fromEntries(
    VARIANTS.map((name) => [
      name,
      name === 'gradcam'
        ? worker(process.execPath, [here('own_worker.mjs'), `${values.models}/${model}.onnx`])
        : worker(name === 'tf-keras-vis' ? values['python-tf'] : values.python, [
            here('peers_worker.py'),
            name,
            model,
            values.models,
          ]),
    ]),
  );
  for (const batch of [1, 8]) {
    const times = Object.fromEntries(VARIANTS.map((name) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const name of round % 2 === 0 ? VARIANTS : [...VARIANTS].reverse()) {
        const measured = await workers[name].time(batch, batch === 1 ? 5 : 2);
        if (measured !== null) times[name].push(...measured);
      }
    }
    const own = median(times.gradcam);
    for (const name of VARIANTS)
      if (times[name].length > 0)
        rows.push([model, batch, name, ms(median(times[name])), (median(times[name]) / own).toFixed(2)]);
    process.stderr.write(`${model} batch ${batch} done\n`);
  }
  for (const one of Object.values(workers)) one.end();
}
const text = `## Against peers\nGrad-CAM of one class at the last convolution, tensors in memory, ${threads} threads, one process each, turn by turn; medians.\nThe last column is the time as a multiple of gradcam's. Forward passes are listed for scale. Made by \`node bench/peers.mjs\`.\n\n${table(['model', 'batch', '', 'time', 'times gradcam'], rows)}\n`;
await writeFile(here('PEERS.md'), text);
process.stdout.write(text);
