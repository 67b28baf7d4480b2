// A training step (forward, loss, gradients, SGD with momentum and decay; 1000 classes, 224 x 224) against PyTorch's, turn by
// turn on the same threads:   node bench/train-step.mjs PYTHON [BACKBONE...] [--eager]   after npm run build. With --eager the
// small network is also timed on the eager engine, plain TensorFlow.js. On a GPU: --engine cuda --device cuda [--batch 32].
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { chooseEngine } from '../dist/engine/engines.js';
import { Random } from '../dist/lib/random.js';
import { tf } from '../dist/tf/tfjs.js';
import { buildBackbone, findBackbone } from '../dist/train/backbones.js';
import { optimizers } from '../dist/train/optimizers.js';
import { openTrainer } from '../dist/train/trainer.js';
import { interleave, median, ms, ratio, table } from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'cpu' },
    device: { type: 'string', default: 'cpu' },
    batch: { type: 'string', default: '8' },
    eager: { type: 'boolean', default: false },
  },
});
const THREADS = 2;
const BATCH = Number(values.batch);
const TORCH = { resnet50: 'resnet50', 'efficientnetv2-s': 'efficientnet_v2_s', densenet121: 'densenet121' };

const crossEntropy = (labels, logits) =>
  tf.mean(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, logits.shape[1])), 1)));

/** A trainer and a function that takes its next step. */
async function ours(id, engine, { batch = BATCH, side = 224, classes = 1000 } = {}) {
  const built = buildBackbone(findBackbone(id), {
    classes,
    head: 'linear',
    channels: 3,
    batch,
    size: [side, side],
    seed: 1,
  });
  const opened = performance.now();
  const trainer = await openTrainer({
    ...built,
    name: id,
    loss: crossEntropy,
    optimizer: optimizers.sgd.build({ weightDecay: 1e-4 }),
    engine: await chooseEngine(engine),
    threads: THREADS,
  });
  const seconds = (performance.now() - opened) / 1000;
  const random = Random.of(1);
  const inputs = Float32Array.from({ length: batch * 3 * side * side }, () => random.normal());
  const labels = Int32Array.from({ length: batch }, (_, index) => index % classes);
  return { trainer, seconds, step: () => trainer.step({ inputs, labels, learningRate: 0.01, random }) };
}

/** PyTorch in a process of its own, idle between its steps. */
async function torch(python, id) {
  const script = new URL('./train_step_torch.py', import.meta.url).pathname;
  const child = spawn(python, [script, TORCH[id], BATCH, THREADS, values.device], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: version } = await lines.next();
  const step = async () => {
    child.stdin.write('\n');
    await lines.next();
  };
  return { version, step, close: () => child.stdin.end() };
}

const [python, ...names] = positionals;
const rows = [];
for (const id of names.length > 0 ? names : ['resnet50', 'efficientnetv2-s']) {
  const [mine, theirs] = [await ours(id, values.engine), await torch(python, id)];
  const times = await interleave({ gradcam: mine.step, torch: theirs.step }, { rounds: 9, warmups: 3 });
  rows.push([
    id,
    BATCH,
    ms(median(times.gradcam)),
    ms(median(times.torch)),
    ratio(times.gradcam, times.torch).toFixed(2),
    `${mine.seconds.toFixed(1)} s`,
  ]);
  process.stderr.write(`${rows.at(-1).join('  ')}  (torch ${theirs.version})\n`);
  theirs.close();
  await mine.trainer.close();
}
console.log(table(['backbone', 'batch', 'gradcam', 'PyTorch eager', 'ratio', 'opening'], rows));

if (values.eager) {
  const options = { batch: 8, side: 128, classes: 7 };
  const [compiled, eager] = [await ours('small', 'cpu', options), await ours('small', 'eager', options)];
  const fast = await interleave({ step: compiled.step }, { rounds: 9 });
  const slow = await interleave({ step: eager.step }, { rounds: 1, warmups: 0 });
  const [a, b] = [median(fast.step), median(slow.step)];
  console.log(
    `\n${table(
      ['small network, 128 x 128, batch 8', 'step'],
      [
        ['ONNX Runtime', ms(a)],
        ['eager (TensorFlow.js cpu)', ms(b)],
        ['ratio', (b / a).toFixed(0)],
      ],
    )}`,
  );
}
