// node bench/pipeline.mjs [--workers N] [--step MS]: the training pipeline by itself, and the share of time for which a
// consumer that computes for MS a batch has to wait. Pictures are drawn first: 128 px and 600 x 450 to 224. Needs a build.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawSamples, openBatches, openDataset } from '../dist/index.js';

const { values } = parseArgs({ options: { workers: { type: 'string' }, step: { type: 'string', default: '400' } } });
const workers = values.workers === undefined ? Math.max(1, availableParallelism() - 1) : Number(values.workers);
const folder = await mkdtemp(join(tmpdir(), 'gradcam-pipeline-'));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Pictures a second and share of waiting, epoch by epoch. */
async function epochs(options, stepMs) {
  const batches = openBatches({ classes: 7, workers, dropLast: true, epochs: 3, ...options });
  const rows = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const start = performance.now();
    let waited = 0;
    let count = 0;
    let asked = start;
    for await (const batch of batches.epoch(epoch)) {
      waited += performance.now() - asked;
      count += batch.count;
      if (stepMs > 0) await pause(stepMs);
      asked = performance.now();
    }
    const ms = performance.now() - start;
    rows.push({ epoch, rate: (1000 * count) / ms, waited: waited / ms });
  }
  await batches.close();
  return rows;
}

const spec = (side) => ({
  size: [side, side],
  resize: 'squash',
  scale: [0, 1],
  mean: [0.5, 0.5, 0.5],
  std: [0.2, 0.2, 0.2],
  channels: 'rgb',
  layout: 'nchw',
});
try {
  await drawSamples({ folder: join(folder, 'large'), perClass: 24 });
  const small = await openDataset('demo', { root: join(folder, 'small'), demo: { train: 640, perClass: 1 } });
  const large = await openDataset('csv', { root: join(folder, 'large') });
  process.stdout.write(
    `${workers} worker(s)\n\n| pictures | epoch | alone, pictures/s | consumer of ${values.step} ms a batch: waits |\n| --- | --- | --- | --- |\n`,
  );
  for (const [name, options] of [
    ['demo 128, batch 64, augment demo', { items: small.items, spec: spec(128), batch: 64, augment: 'demo' }],
    [
      '600 x 450 to 224, batch 8, augment standard',
      { items: large.items, spec: spec(224), batch: 8, augment: 'standard' },
    ],
  ]) {
    const alone = await epochs(options, 0);
    const consumed = await epochs(options, Number(values.step));
    for (const [i, { epoch, rate }] of alone.entries())
      process.stdout.write(
        `| ${name} | ${epoch} | ${rate.toFixed(0)} | ${(100 * consumed[i].waited).toFixed(1)} % |\n`,
      );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
