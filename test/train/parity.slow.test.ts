// Twenty steps against PyTorch's: the same first weights, batches and optimiser (test/fixtures/make/train_parity.py).
// GRADCAM_TRAIN_PARITY names a folder of more such records, the full networks.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/engine/engines.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { numbersOf } from '../../src/graph/tensor.ts';
import { loadModel } from '../../src/model/load.ts';
import { findOutput } from '../../src/model/output.ts';
import { optimizers, type OptimizerId } from '../../src/train/optimizers.ts';
import { openTrainer } from '../../src/train/trainer.ts';
import { crossEntropy } from './nets.ts';

interface Record {
  readonly batch: number;
  readonly size: number;
  readonly classes: number;
  readonly optimizer: { id: OptimizerId; lr: number; weightDecay: number; epsilon?: number; nesterov?: boolean };
  readonly clipNorm: number | null;
  readonly losses: readonly number[];
  readonly norms: readonly number[];
}

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const full = process.env.GRADCAM_TRAIN_PARITY;
const folders = [
  ...readdirSync(fixtures)
    .filter((name) => name.startsWith('train-'))
    .map((name) => join(fixtures, name)),
  ...(full === undefined ? [] : readdirSync(full).map((name) => join(full, name))),
];

/** Pictures and labels of a step: the formula of the script. */
function batchOf({ batch, size, classes }: Record, step: number): { inputs: Float32Array; labels: Int32Array } {
  const picture = (_: unknown, i: number): number => {
    const noise = Math.sin(i * 12.9898 + step * 78.233) * 43758.5453;
    return 4 * (noise - Math.floor(noise)) - 2;
  };
  return {
    inputs: Float32Array.from({ length: batch * 3 * size * size }, picture),
    labels: Int32Array.from({ length: batch }, (_, n) => (n * n + step) % classes),
  };
}

describe('twenty steps equal PyTorch', () => {
  it.each(folders)('%s', async (folder) => {
    const record = JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')) as Record;
    const { batch, size, optimizer, clipNorm } = record;
    const { model } = await loadModel(join(folder, 'start.safetensors'));
    const graph = inferTypes(model.forward({ batch, size: [size, size] }));
    const { lr, id, ...options } = optimizer;
    const trainer = await openTrainer({
      name: folder,
      graph,
      input: model.input.name,
      logits: findOutput(graph, folder, undefined).output.logits,
      loss: crossEntropy,
      optimizer: optimizers[id].build(options),
      ...(clipNorm === null ? {} : { clipNorm }),
      engine: await chooseEngine('cpu'),
      threads: 2,
    });
    let [worstLoss, worstNorm] = [0, 0];
    for (const [step, wanted] of record.losses.entries()) {
      const { loss, gradientNorm } = await trainer.step({ ...batchOf(record, step), learningRate: lr });
      worstLoss = Math.max(worstLoss, Math.abs(loss - wanted));
      worstNorm = Math.max(worstNorm, Math.abs(gradientNorm / record.norms[step]! - 1));
    }
    const { tensors } = trainer.snapshot();
    await trainer.close();
    const end = (await loadModel(join(folder, 'end.safetensors'))).model.forward({ batch, size: [size, size] });
    let [worst, compared] = [0, 0];
    for (const [name, constant] of end.constants) {
      const ours = (tensors[`parameter/${name}`] ?? tensors[`state/${name}`])?.data;
      if (ours === undefined) continue;
      compared++;
      const wanted = numbersOf(constant);
      let scale = 1e-2;
      for (const value of wanted) scale = Math.max(scale, Math.abs(value));
      for (let index = 0; index < wanted.length; index++)
        worst = Math.max(worst, Math.abs(ours[index]! - wanted[index]!) / scale);
    }
    if (full !== undefined) process.stdout.write(`${folder}: loss ${worstLoss}, norm ${worstNorm}, weights ${worst}\n`);
    expect(compared).toBe(Object.keys(tensors).filter((name) => /^(parameter|state)\//.test(name)).length);
    expect(worstLoss).toBeLessThan(1e-3);
    expect(worstNorm).toBeLessThan(1e-2);
    expect(worst).toBeLessThan(1e-3);
  });
});
