// One engine against the cpu engine, in a process of its own, for a driver may take it down with it:
//   node gpu_worker.mjs maps|train ENGINE JOB      JOB: JSON; one JSON line per result. Driven by gpu.mjs.
import { methods } from '../dist/cam/methods.js';
import { chooseEngine } from '../dist/engine/engines.js';
import { Random } from '../dist/lib/random.js';
import { inputShapeOf } from '../dist/network.js';
import { openRun } from '../dist/runs.js';
import { tf } from '../dist/tf/tfjs.js';
import { buildBackbone, findBackbone } from '../dist/train/backbones.js';
import { optimizers } from '../dist/train/optimizers.js';
import { openTrainer } from '../dist/train/trainer.js';

const BATCH = 2;
const STEPS = 3;
/** What inputs are changed by to see how far rounding is carried: about half of float32's precision. */
const ROUNDING = 1e-7;
const tell = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
const told = ({ code, message }) => ({
  code: code ?? 'no GradcamError',
  message: String(message)
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 300),
});

/** Largest difference as a share of the largest value of `reference`; NaN stays NaN. */
function difference(values, reference) {
  let [largest, scale] = [0, 0];
  for (const [index, value] of values.entries()) {
    const apart = Math.abs(value - reference[index]);
    if (!(apart <= largest)) largest = apart;
    scale = Math.max(scale, Math.abs(reference[index]));
  }
  return scale === 0 ? largest : largest / scale;
}

/** [difference of the logits, of the maps of each method]. Many passes of noise-like methods are kept few. */
async function ask(file, ids, engine, classes) {
  const settings = { rise: { masks: '64' }, smoothgrad: { samples: '8' }, 'smoothgradcam++': { samples: '8' } };
  const run = await openRun(file, 'model', {
    batch: BATCH,
    methods: ids.map((id) => methods[id]),
    engine,
    voting: false,
    settings,
  });
  try {
    const size = inputShapeOf(run.prepared).reduce((a, b) => a * b, 1);
    const random = Random.of(7, 'pictures');
    const inputs = Array.from({ length: BATCH }, () => Float32Array.from({ length: size }, () => random.normal()));
    const inferred = await run.infer(inputs, classes ?? inputs.map(() => -1));
    const chosen = inputs.map(() => -1);
    return { logits: inferred.logits, classes: chosen, maps: await inferred.maps(chosen) };
  } finally {
    await run.close();
  }
}

async function maps(engine, cpu, { file, name, ids }) {
  const compare = async (some) => {
    const reference = await ask(file, some, cpu);
    const started = performance.now();
    const found = await ask(file, some, engine, reference.classes);
    const seconds = (performance.now() - started) / 1000;
    const logits = Math.max(...found.logits.map((row, sample) => difference(row, reference.logits[sample])));
    for (const [method, id] of some.entries()) {
      const apart = found.maps[method].map((map, sample) => difference(map, reference.maps[method][sample]));
      const empty = reference.maps[method].every((map) => map.every((value) => value === 0));
      tell({ name, id, logits, map: Math.max(...apart), empty, seconds });
    }
  };
  try {
    await compare(ids);
  } catch {
    for (const id of ids) await compare([id]).catch((error) => tell({ name, id, error: told(error) }));
  }
}

/** A few steps of the same training on both engines, and on the cpu engine with its pictures off by a rounding. */
async function train(engine, cpu, { backbone, size, classes, batch, rate = 0.01 }) {
  const crossEntropy = (labels, logits) =>
    tf.mean(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, classes)), 1)));
  const take = async (which, shift = 0) => {
    const built = buildBackbone(findBackbone(backbone), {
      ...{ classes, head: 'linear', channels: 3, batch, size: [size, size], seed: 1 },
    });
    const spec = {
      ...built,
      name: backbone,
      loss: crossEntropy,
      optimizer: optimizers.sgd.build({ weightDecay: 1e-4 }),
    };
    const trainer = await openTrainer({ ...spec, engine: which });
    const random = Random.of(1);
    const inputs = Float32Array.from({ length: batch * 3 * size * size }, () => random.normal() * (1 + shift));
    const labels = Int32Array.from({ length: batch }, (_, index) => index % classes);
    const [snapshots, results, times] = [[trainer.snapshot()], [], []];
    for (let step = 0; step < STEPS; step++) {
      const began = performance.now();
      results.push(await trainer.step({ inputs, labels, learningRate: rate, random: Random.of(2, 'mask', step) }));
      times.push(performance.now() - began);
      snapshots.push(trainer.snapshot());
    }
    await trainer.close();
    return { snapshots, results, times };
  };
  try {
    const [reference, found, shifted] = [await take(cpu), await take(engine), await take(cpu, ROUNDING)];
    // What steps changed the parameters by, all together: of single ones some hardly move.
    const learnt = (run, step) => {
      let [apart, moved] = [0, 0];
      for (const [key, { data }] of Object.entries(reference.snapshots[step].tensors)) {
        if (!key.startsWith('parameter/')) continue;
        const [start, other] = [reference.snapshots[0].tensors[key].data, run.snapshots[step].tensors[key].data];
        for (const [index, value] of data.entries()) {
          apart += (other[index] - value) ** 2;
          moved += (value - start[index]) ** 2;
        }
      }
      return Math.sqrt(apart / moved);
    };
    const relative = (key, step) => Math.abs(found.results[step][key] / reference.results[step][key] - 1);
    const steps = (run) => [learnt(run, 1), learnt(run, STEPS)];
    tell({
      ...{ backbone, size, batch, loss: relative('loss', 0), norm: relative('gradientNorm', 0) },
      ...{ learnt: steps(found), shifted: steps(shifted) },
      ...{ milliseconds: found.times.at(-1), cpu: reference.times.at(-1) },
    });
  } catch (error) {
    tell({ backbone, size, batch, error: told(error) });
  }
}

const [what, id, job] = process.argv.slice(2);
const [engine, cpu] = [await chooseEngine(id), await chooseEngine('cpu')];
await { maps, train }[what](engine, cpu, JSON.parse(job));
process.exit(0);
