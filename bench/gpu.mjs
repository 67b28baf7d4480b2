// Engines on a GPU: exactness against the cpu engine, speed against the bare forward pass and PyTorch, steps of training. Prints
// Markdown, which GPU.md holds:
//   node bench/gpu.mjs --models DIR --python PYTHON [--engines cuda,webgpu] [--parts whole,maps,speed,peers,train]
// after npm run build. DIR as make_models.py makes it; PYTHON has torch with CUDA, torchvision and grad-cam.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { chooseEngine } from '../dist/engine/engines.js';
import { median, ms, table } from './measure.mjs';
import { worker } from './worker.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    python: { type: 'string' },
    engines: { type: 'string', default: 'cuda,webgpu' },
    parts: { type: 'string', default: 'whole,maps,speed,peers,train' },
    batches: { type: 'string', default: '1,8,32' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const here = (file) => join(root, 'bench', file);
const engines = values.engines.split(',');
const batches = values.batches.split(',').map(Number);

/** What a process says; it may end badly. */
async function say(command, args, minutes = 4) {
  const options = { cwd: root, maxBuffer: 2 ** 26, timeout: minutes * 60_000 };
  return promisify(execFile)(command, args, options).catch((error) => ({
    stdout: error.stdout ?? '',
    stderr: error.stderr ?? '',
    ended: error.signal ?? error.code ?? error.message,
  }));
}
const node = (args, minutes) => say(process.execPath, args, minutes);
const share = (value) => (value === 0 ? '0' : value.toExponential(1));
const print = (title, text) => process.stdout.write(`## ${title}\n${text}\n\n`);

/** Numbers of a .npy file of float32. */
async function mapOf(file) {
  const bytes = await readFile(file);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}

/** `compare` as a user calls it, with each engine and with none named. */
async function whole() {
  const compare = async (engine) => {
    const out = await mkdtemp(join(tmpdir(), 'gradcam-gpu-'));
    const runs = (await readdir(join(root, 'runs'))).map((run) => join('runs', run));
    const named = engine === 'auto' ? [] : ['--engine', engine];
    const started = performance.now();
    const said = await node([
      'bin/gradcam.js',
      'compare',
      '--models',
      ...runs,
      '--images',
      'samples',
      '--out',
      out,
      ...named,
    ]);
    return { ...said, out, seconds: (performance.now() - started) / 1000 };
  };
  const reference = await compare('cpu');
  const rows = [['cpu', `${reference.seconds.toFixed(1)} s`, '', '', '']];
  for (const engine of [...engines, 'auto']) {
    const { out, seconds, ended, stderr } = await compare(engine);
    if (ended !== undefined) {
      rows.push([engine, '', '', '', `ended with ${ended}: ${stderr.trim().split('\n').slice(-4).join(' ')}`]);
      continue;
    }
    let [largest, count, scaleless] = [0, 0, 0];
    for (const entry of await readdir(join(reference.out, 'maps'), { recursive: true })) {
      if (!entry.endsWith('.npy')) continue;
      const [a, b] = await Promise.all([mapOf(join(reference.out, 'maps', entry)), mapOf(join(out, 'maps', entry))]);
      const scale = Math.max(...a.map(Math.abs));
      if (scale === 0) scaleless++;
      else largest = Math.max(largest, Math.max(...a.map((value, index) => Math.abs(value - b[index]))) / scale);
      count++;
    }
    const taken = engine === 'auto' ? `takes ${(await chooseEngine('auto')).id}` : '';
    rows.push([engine, `${seconds.toFixed(1)} s`, `${count} (${scaleless} empty)`, share(largest), taken]);
  }
  print(
    '`compare`, the shipped runs and samples',
    table(['engine', 'process', 'maps', 'largest difference from cpu', ''], rows),
  );
}

const CAM = [
  'gradcam',
  'gradcam++',
  'gradcam-elementwise',
  'hirescam',
  'layercam',
  'xgradcam',
  'eigencam',
  'eigengradcam',
  'finercam',
  'shapleycam',
  'fem',
];
const PASSES = [
  'scorecam',
  'ablationcam',
  'smoothgradcam++',
  'gradient',
  'gradient-x-input',
  'smoothgrad',
  'integrated-gradients',
  'occlusion',
  'rise',
  'fullgrad',
];
const TOKENS = ['gradcam', 'attention-rollout', 'gradient-rollout', 'integrated-gradients', 'scorecam'];

/** Maps of methods and of every small network of the tests, by each engine against the cpu engine. */
async function maps() {
  const fixtures = join(root, 'test', 'fixtures');
  const small = (await readdir(fixtures).catch(() => []))
    .filter((name) => name.startsWith('tiny-'))
    .map((name) => ({
      file: join(fixtures, name, 'torchscript.onnx'),
      name,
      ids: name === 'tiny-resnet' ? ['gradcam', 'gradient', 'guided-backprop'] : ['gradcam', 'gradient'],
    }));
  const jobs = [
    ...['ce', 'lmf'].map((run) => ({ file: join(root, 'runs', run), name: `runs/${run}`, ids: [...CAM, ...PASSES] })),
    { file: join(fixtures, 'tiny-vit', 'torchscript.onnx'), name: 'tiny-vit', ids: TOKENS },
    ...small,
    ...['resnet50', 'efficientnet_v2_s'].map((name) => ({
      file: join(values.models, `${name}.onnx`),
      name,
      ids: [...CAM, 'ablationcam', ...(name === 'resnet50' ? ['guided-backprop'] : [])],
    })),
  ];
  const found = new Map();
  const ask = async ({ engine, job }) => {
    const { stdout, ended, stderr } = await node([here('gpu_worker.mjs'), 'maps', engine, JSON.stringify(job)], 2);
    const results = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    if (ended !== undefined)
      results.push({
        name: job.name,
        id: 'process',
        error: { code: ended, message: stderr.trim().split('\n').slice(-3).join(' ') },
      });
    for (const { name, id, ...result } of results) {
      const key = `${name}\t${id}`;
      found.set(key, { ...found.get(key), [engine]: result });
    }
    process.stderr.write(`${engine} ${job.name} done\n`);
  };
  const queue = jobs.flatMap((job) => engines.map((engine) => ({ engine, job })));
  // No times are taken here: several processes at once.
  await Promise.all(
    Array.from({ length: Math.max(1, cpus().length >> 2) }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await ask(next);
    }),
  );
  const cell = (result) => {
    if (result === undefined) return '';
    if (result.error) return `${result.error.code}: ${result.error.message}`;
    return `${share(result.map)}${result.empty ? ' (empty)' : ''}, logits ${share(result.logits)}`;
  };
  const rows = [...found]
    .sort()
    .map(([key, results]) => [...key.split('\t'), ...engines.map((engine) => cell(results[engine]))]);
  print('Maps against the cpu engine', table(['model', 'method', ...engines], rows));
}

/** Grad-CAM against the bare forward pass of the same engine. */
async function speed() {
  const script = `import { mapVsForward } from ${JSON.stringify(here('map-vs-forward.mjs'))};
    const [folder, engine, batches] = process.argv.slice(1);
    console.log(await mapVsForward(folder, { engine, batches: batches.split(',').map(Number), rounds: 15, sessions: 1 }));`;
  for (const engine of engines) {
    const args = ['--input-type=module', '-e', script, values.models, engine, values.batches];
    const { stdout, ended, stderr } = await node(args, 5);
    print(
      `Grad-CAM against the bare forward pass, ${engine}`,
      ended === undefined ? stdout.trim() : `ended with ${ended}: ${stderr}`,
    );
  }
}

/** Grad-CAM at the last convolution beside PyTorch on the same GPU. Tensors start and end in the memory of the computer. */
async function peers() {
  const rows = [];
  for (const model of ['resnet50', 'efficientnet_v2_s']) {
    const workers = Object.fromEntries([
      ...engines.map((engine) => [
        `gradcam, ${engine}`,
        worker(process.execPath, [here('own_worker.mjs'), join(values.models, `${model}.onnx`), engine]),
      ]),
      ...['forward', 'autograd', 'grad-cam'].map((variant) => [
        `PyTorch, ${variant}`,
        worker(values.python, [here('peers_worker.py'), `pytorch-${variant}`, model, values.models, 'cuda']),
      ]),
    ]);
    for (const batch of batches) {
      const times = Object.fromEntries(Object.keys(workers).map((name) => [name, []]));
      for (let round = 0; round < 4; round++) {
        const names = Object.keys(workers);
        if (round % 2 === 1) names.reverse();
        for (const name of names) times[name].push(...((await workers[name].time(batch, 5)) ?? []));
      }
      const own = median(times[Object.keys(workers)[0]]);
      for (const [name, measured] of Object.entries(times))
        rows.push(
          measured.length === 0
            ? [model, batch, name, 'ended', '']
            : [model, batch, name, ms(median(measured)), (median(measured) / own).toFixed(2)],
        );
    }
    for (const one of Object.values(workers)) one.end();
  }
  print(
    'Grad-CAM beside PyTorch on the same GPU',
    table(['model', 'batch', '', 'time', `times gradcam, ${engines[0]}`], rows),
  );
}

/** Steps of training, against the cpu engine's numbers and PyTorch's time. */
async function train() {
  const rows = [];
  for (const engine of engines)
    for (const job of [
      { backbone: 'small', size: 128, classes: 7, batch: 8 },
      { backbone: 'resnet50', size: 96, classes: 10, batch: 8 },
      { backbone: 'efficientnetv2-s', size: 96, classes: 10, batch: 8 },
      { backbone: 'densenet121', size: 96, classes: 10, batch: 8 },
    ]) {
      const { stdout, ended, stderr } = await node([here('gpu_worker.mjs'), 'train', engine, JSON.stringify(job)], 1);
      const result =
        stdout.trim() === ''
          ? { error: { code: ended, message: stderr.trim().split('\n').at(-1) } }
          : JSON.parse(stdout);
      const { error, loss, norm, learnt, shifted, milliseconds, cpu } = result;
      const both = (step) => `${share(learnt[step])} (${share(shifted[step])})`;
      rows.push([
        engine,
        job.backbone,
        ...(error
          ? [`${error.code}: ${error.message}`, '', '', '', '', '']
          : [share(loss), share(norm), both(0), both(1), ms(milliseconds), ms(cpu)]),
      ]);
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
  const head = [
    'engine',
    'backbone',
    'loss of the first step',
    'norm of its gradient',
    'learnt by the first step',
    'by three',
    'third step',
    'the same on cpu',
  ];
  print('Three steps of training against the cpu engine', table(head, rows));
  for (const engine of engines)
    for (const batch of ['8', '32']) {
      const args = [
        here('train-step.mjs'),
        values.python,
        'resnet50',
        'efficientnetv2-s',
        '--engine',
        engine,
        '--device',
        'cuda',
        '--batch',
        batch,
      ];
      const { stdout, ended, stderr } = await node(args, 3);
      print(
        `A step of training beside PyTorch, ${engine}, batch ${batch}`,
        ended === undefined ? stdout.trim() : `ended with ${ended}: ${stderr}`,
      );
    }
}

const parts = { whole, maps, speed, peers, train };
for (const part of values.parts.split(',')) await parts[part]();
