// Full-size networks in every format against the frameworks that they come from, and what loading them costs.
//   node bench/formats.mjs maps --torch DIR --keras DIR     rewrites the table of docs/formats.md; with --only PART, those of
//                                                           its rows whose file has PART in its path
//   node bench/formats.mjs load --torch DIR --keras DIR     writes bench/FORMATS.md
// DIRs hold what test/fixtures/make/torch_architectures.py --size 224 and keras_applications.py write. Needs `npm run build`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeNpy } from '../dist/lib/npy.js';
import { median, table } from './measure.mjs';

const NETWORKS = [
  { title: 'ResNet50', torch: 'resnet50', keras: 'ResNet50', middle: ['layer3', 'conv4_block6_out'] },
  {
    title: 'EfficientNetV2-S',
    torch: 'efficientnet_v2_s',
    keras: 'EfficientNetV2S',
    middle: ['features.5', 'block5i_add'],
  },
  {
    title: 'EfficientNet-B0',
    torch: 'efficientnet_b0',
    keras: 'EfficientNetB0',
    middle: ['features.5', 'block5c_add'],
  },
  {
    title: 'DenseNet121',
    torch: 'densenet121',
    keras: 'DenseNet121',
    middle: ['features.denseblock3', 'conv4_block24_concat'],
  },
  {
    title: 'MobileNetV2',
    torch: 'mobilenet_v2',
    keras: 'MobileNetV2',
    middle: ['features.13', 'block_13_expand_relu'],
  },
];
const TORCH_FILES = ['torchscript.onnx', 'dynamo.onnx', 'state.pth', 'state.safetensors'];
const KERAS_FILES = [
  'model.keras',
  'model.h5',
  'keras2.h5',
  'layers',
  'layers-keras3',
  'graph',
  'saved-model',
  'saved-model-keras3',
];
const TITLES = {
  'torchscript.onnx': '`.onnx`, TorchScript exporter',
  'dynamo.onnx': '`.onnx`, dynamo exporter',
  'state.pth': '`.pth`',
  'state.safetensors': '`.safetensors`',
  'model.keras': '`.keras`',
  'model.h5': '`.h5`, Keras 3',
  'keras2.h5': '`.h5`, Keras 2',
  layers: 'LayersModel, Keras 2',
  'layers-keras3': 'LayersModel, Keras 3',
  graph: 'GraphModel',
  'saved-model': 'SavedModel, Keras 2',
  'saved-model-keras3': 'SavedModel, Keras 3',
};
/** A small model of the same format: loaded first, so that fetching code is not counted. */
const SMALL = {
  'torchscript.onnx': 'tiny-resnet/torchscript.onnx',
  'dynamo.onnx': 'tiny-resnet/dynamo.onnx',
  'state.pth': 'state-forms/plain.pth',
  'state.safetensors': 'state-resnet/state.safetensors',
  'model.keras': 'keras-residual/keras3.keras',
  'model.h5': 'keras-residual/keras3.h5',
  'keras2.h5': 'keras-residual/keras2.h5',
  layers: 'keras-residual/layers',
  'layers-keras3': 'keras-residual/layers-keras3',
  graph: 'keras-residual/graph',
  'saved-model': 'keras-residual/saved-model',
  'saved-model-keras3': 'keras-residual/saved-model-keras3',
};
const fixtures = new URL('../test/fixtures/', import.meta.url).pathname;
const SIZE = [224, 224];
const ROUNDS = 9;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { torch: { type: 'string' }, keras: { type: 'string' }, only: { type: 'string' } },
});

function work(mode, job) {
  const worker = new URL('./formats_worker.mjs', import.meta.url).pathname;
  const output = execFileSync(process.execPath, ['--expose-gc', worker, mode, JSON.stringify(job)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output);
}

/** Every file of every network: {network, framework, folder, file, path}. */
function* files() {
  for (const network of NETWORKS) {
    for (const framework of ['torch', 'keras']) {
      const folder = values[framework] === undefined ? null : join(values[framework], network[framework]);
      if (folder === null || !existsSync(folder)) continue;
      for (const file of framework === 'torch' ? TORCH_FILES : KERAS_FILES) {
        const path = join(folder, file);
        const wanted = values.only === undefined || path.includes(values.only);
        if (existsSync(path) && wanted) yield { network, framework, folder, file, path };
      }
    }
  }
}

const largest = (list) => list.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
const short = (value) => (value === 0 ? '0' : value.toExponential(0).replace('e-', 'e-'));

/** Largest difference over all samples, as a share of the largest wanted value. */
function difference(found, wanted) {
  const flat = found.flat();
  return largest(flat.map((value, at) => value - wanted[at])) / largest([...wanted]);
}

function reference(folder, file) {
  const path = join(folder, file);
  return decodeNpy(readFileSync(path), path).data;
}

function mapsTable() {
  const rows = [];
  const first = new Map();
  for (const { network, framework, folder, file, path } of files()) {
    const info = JSON.parse(readFileSync(join(folder, 'info.json'), 'utf8'));
    const named = info.layers.map((layer) => ({ ...layer, name: layer.module ?? layer.layer }));
    // torchvision's DenseNet overwrites what `features` puts out: its last ReLU works in place, and the last map is behind it.
    const last =
      network.torch === 'densenet121' && framework === 'torch'
        ? named.find(({ name }) => name === 'features.denseblock4')
        : named[0];
    const middle = named.find(({ name }) => network.middle.includes(name));
    const layers = [last, middle];
    const found = work('maps', {
      path,
      layers: layers.map(({ name }) => name),
      inputs: join(folder, 'inputs.npy'),
      classes: info.classes,
      input: { size: SIZE },
    });
    const key = network.title + framework;
    const same = first.get(key) ?? found;
    first.set(key, same);
    const between = layers.map((_, at) => difference(found.maps[at], same.maps[at].flat()));
    const cells = layers.map((layer, at) => difference(found.maps[at], reference(folder, layer.file)));
    rows.push([
      network.title,
      TITLES[file],
      short(difference(found.logits, reference(folder, 'logits.npy'))),
      `\`${last.name}\``,
      short(cells[0]),
      short(last.float32Noise),
      `\`${middle.name}\``,
      short(cells[1]),
      short(middle.float32Noise),
      found === same ? '–' : short(Math.max(...between)),
    ]);
    process.stderr.write(`${rows.at(-1).join('  ')}\n`);
  }
  const head = [
    'network',
    'file',
    'logits',
    'last map at',
    'differs',
    'framework',
    'map inside at',
    'differs',
    'framework',
    'from the first format',
  ];
  const page = new URL('../docs/formats.md', import.meta.url);
  const text = readFileSync(page, 'utf8');
  const [begin, end] = ['<!-- table: node bench/formats.mjs maps -->', '<!-- end of table -->'];
  const start = text.indexOf(begin) + begin.length;
  const stop = text.indexOf(end);
  const written = values.only === undefined ? rows : replaced(text.slice(start, stop), rows);
  writeFileSync(page, `${text.slice(0, start)}\n${table(head, written)}\n${text.slice(stop)}`);
}

/** The rows of a written table, with these in the place of those of the same network and file. */
function replaced(written, rows) {
  const key = ([title, file]) => `${title}|${file}`;
  const fresh = new Map(rows.map((row) => [key(row), row]));
  const lines = written.trim().split('\n').slice(2);
  return lines
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .map((row) => fresh.get(key(row)) ?? row);
}

function loadTable() {
  const scratch = mkdtempSync(join(tmpdir(), 'gradcam-formats-'));
  const rows = [];
  for (const { network, framework, folder, file, path } of files()) {
    const own = join(scratch, 'own.onnx');
    const { files: read, weightsMb } = work('save', { path, size: SIZE, out: own });
    // PyTorch's own export is the same network as ONNX; for Keras, which has no exporter, it is ours.
    const model = framework === 'torch' ? join(folder, 'torchscript.onnx') : own;
    const [loads, opens] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      loads.push(work('load', { path, size: SIZE, small: join(fixtures, SMALL[file]) }));
      opens.push(work('open', { files: read, model }));
    }
    const of = (list, field) => median(list.map((item) => item[field]));
    const ratio = median(loads.map(({ totalMs }, round) => totalMs / opens[round].totalMs));
    rows.push([
      network.title,
      TITLES[file],
      `${of(loads, 'totalMs').toFixed(0)} (${['readMs', 'graphMs', 'encodeMs', 'openMs'].map((field) => of(loads, field).toFixed(0)).join(' + ')})`,
      of(opens, 'totalMs').toFixed(0),
      ratio.toFixed(2),
      weightsMb.toFixed(0),
      (of(loads, 'loadedMb') / weightsMb).toFixed(1),
      (of(loads, 'memoryMb') / weightsMb).toFixed(1),
      (of(opens, 'memoryMb') / weightsMb).toFixed(1),
    ]);
    process.stderr.write(`${rows.at(-1).join('  ')}\n`);
  }
  rmSync(scratch, { recursive: true });
  const head = [
    'network',
    'file',
    'load, ms (read + graph + encode + open)',
    'read + ONNX Runtime, ms',
    'ratio',
    'weights, MB',
    'memory: loaded',
    'opened',
    'ONNX Runtime alone',
  ];
  const text = [
    '# What loading costs',
    '',
    `Written by \`node bench/formats.mjs load\` on ${cpus()[0].model}, ${cpus().length} threads, Node ${process.version}; medians of ${ROUNDS} fresh processes, turn by turn.`,
    '',
    'Load: from the path to an open session of the forward graph for a hundred pictures, as the command opens it. Beside it: the',
    "same bytes read, and the same network as ONNX (PyTorch's own export; for Keras ours) opened by ONNX Runtime alone, as it is",
    'set up by itself. Code is fetched before the clock starts, on both sides.',
    'Memory: highest resident size above that before, in times the weights: when the graph is there (loaded), when the session is',
    'open, and what ONNX Runtime alone takes for the same network with its bytes in memory. The aims are a ratio of at most 1.5,',
    'and 2.5 x the weights for loading.',
    '',
    table(head, rows),
    '',
  ].join('\n');
  writeFileSync(new URL('./FORMATS.md', import.meta.url), text);
}

const modes = { maps: mapsTable, load: loadTable };
const mode = modes[positionals[0]];
if (mode === undefined) throw new Error('Say what to do: maps or load.');
mode();
