import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/engine/engines.ts';
import { numbersOf } from '../../src/graph/tensor.ts';
import { Random } from '../../src/lib/random.ts';
import { adam } from '../../src/train/optimizers/adam.ts';
import { adamw } from '../../src/train/optimizers/adamw.ts';
import { sgd } from '../../src/train/optimizers/sgd.ts';
import { trainable } from '../../src/train/network.ts';
import {
  openTrainer,
  type Snapshot,
  type StepResult,
  type Trainer,
  type TrainerSpec,
} from '../../src/train/trainer.ts';
import { largestDifference } from '../arrays.ts';
import { BATCH, batchOf, CLASSES, crossEntropy, tinyNetwork } from './nets.ts';

const [cpu, eager] = [await chooseEngine('cpu'), await chooseEngine('eager')];

const opened = (more: Partial<TrainerSpec> = {}): Promise<Trainer> =>
  openTrainer({
    ...tinyNetwork(),
    loss: crossEntropy,
    optimizer: sgd.build({ weightDecay: 1e-3 }),
    engine: cpu,
    threads: 1,
    ...more,
  });

async function steps(trainer: Trainer, from: number, to: number): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (let step = from; step < to; step++)
    results.push(await trainer.step({ ...batchOf(step), learningRate: 0.05, random: Random.of(5, 'mask', step) }));
  return results;
}

function expectClose(a: Snapshot, b: Snapshot, tolerance: number): void {
  expect(Object.keys(a.tensors)).toEqual(Object.keys(b.tensors));
  for (const [name, { data }] of Object.entries(a.tensors)) {
    const other = b.tensors[name]!.data;
    const scale = Math.max(1, ...Array.from(other, Math.abs));
    expect(largestDifference(data, other) / scale, name).toBeLessThan(tolerance);
  }
}

describe('the recorded step equals the eager engine', () => {
  it.each([
    ['SGD with momentum, decay, clipping and averages', { clipNorm: 0.5, emaDecay: 0.9 }],
    ['SGD, Nesterov', { optimizer: sgd.build({ nesterov: true }) }],
    ['SGD without momentum', { optimizer: sgd.build({ momentum: 0 }) }],
    ['Adam with an L2 penalty', { optimizer: adam.build({ weightDecay: 1e-2 }) }],
    ['AdamW', { optimizer: adamw.build({ weightDecay: 0.05 }) }],
    ['a cosine head', tinyNetwork('normed')],
    ['only what follows a layer', { from: 'a.add' }],
  ] as const)('%s', async (_, more) => {
    const results = [];
    for (const engine of [cpu, eager]) {
      const trainer = await opened({ ...more, engine });
      if (trainer.frozen === null) {
        const taken = await steps(trainer, 0, 2);
        results.push({ taken, snapshot: trainer.snapshot(), logits: await trainer.evaluate(batchOf(9).inputs) });
      } else {
        const frozen = await engine.open(trainer.frozen, { threads: 1 });
        const { inputs, labels } = batchOf(0);
        const image = { input: { dtype: 'float32' as const, shape: [BATCH, 3, 12, 12], data: inputs } };
        const features = (await frozen.run(image))['a.add']!.data as Float32Array;
        const feeds = { inputs: features, labels, learningRate: 0.05, random: Random.of(1) };
        const taken = [await trainer.step(feeds)];
        results.push({ taken, snapshot: trainer.snapshot(), logits: await trainer.evaluate(features) });
        await frozen.close();
      }
      await trainer.close();
    }
    const [recorded, reference] = results as [(typeof results)[0], (typeof results)[0]];
    for (const [index, { loss, logits, gradientNorm }] of recorded.taken.entries()) {
      const other = reference.taken[index]!;
      expect(Math.abs(loss - other.loss)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm / other.gradientNorm - 1)).toBeLessThan(1e-3);
      expect(largestDifference(logits, other.logits)).toBeLessThan(1e-4);
    }
    expectClose(recorded.snapshot, reference.snapshot, 1e-4);
    expect(largestDifference(recorded.logits, reference.logits)).toBeLessThan(1e-3);
  });
});

describe('a trainer', () => {
  it('goes on bit by bit where a snapshot was taken', async () => {
    const [first, second] = [await opened({ emaDecay: 0.99 }), await opened({ emaDecay: 0.99 })];
    await steps(first, 0, 2);
    const snapshot = first.snapshot();
    await steps(first, 2, 4);
    await steps(second, 0, 1);
    second.restore(snapshot);
    expect(second.steps()).toBe(2);
    await steps(second, 2, 4);
    expect(second.snapshot()).toEqual(first.snapshot());
    await first.close();
    await second.close();
  });

  it('refuses a snapshot of another network', async () => {
    const trainer = await opened();
    const { step, tensors } = trainer.snapshot();
    const rest = Object.entries(tensors).filter(([name]) => name !== 'parameter/head.weight');
    expect(() => trainer.restore({ step, tensors: Object.fromEntries(rest) })).toThrow(/parameter\/head\.weight/);
    await trainer.close();
  });

  it('takes a step back that is not finite', async () => {
    const trainer = await opened();
    const before = trainer.snapshot();
    const { inputs, labels } = batchOf(0);
    inputs[5] = NaN;
    const { loss } = await trainer.step({ inputs, labels, learningRate: 0.1, random: Random.of(1) });
    expect(loss).toBeNaN();
    expect(trainer.snapshot()).toEqual(before);
    await trainer.close();
  });

  it('refuses feeds of another size', async () => {
    const trainer = await opened();
    const { labels } = batchOf(0);
    const feeds = { inputs: new Float32Array(7), labels, learningRate: 0.1, random: Random.of(1) };
    await expect(trainer.step(feeds)).rejects.toThrow(/input\/input/);
    await expect(trainer.step({ ...batchOf(0), learningRate: 0.1 })).rejects.toThrow(/random numbers/);
    await trainer.close();
  });

  it('exports what it has learnt, unit weights in a normed head', async () => {
    const trainer = await opened({ ...tinyNetwork('normed'), emaDecay: 0.5 });
    await steps(trainer, 0, 2);
    for (const which of ['current', 'average'] as const) {
      const graph = trainer.exportGraph(which);
      const session = await cpu.open(
        { name: 'exported', graph: () => graph, compute: () => Promise.reject(new Error()) },
        { threads: 1 },
      );
      const { inputs } = batchOf(8);
      const image = { input: { dtype: 'float32' as const, shape: [BATCH, 3, 12, 12], data: inputs } };
      const logits = (await session.run(image)).logits!.data;
      expect(largestDifference(logits, await trainer.evaluate(inputs, which))).toBeLessThan(1e-5);
      await session.close();
      const product = graph.nodes.find((node) => node.op === 'Gemm')!;
      const weight = numbersOf(graph.constants.get(product.inputs[1]!)!);
      for (let row = 0; row < CLASSES; row++)
        expect(Math.hypot(...weight.subarray(row * 12, (row + 1) * 12))).toBeCloseTo(1, 6);
    }
    await trainer.close();
  });
});

describe('trainable', () => {
  it('tells parameters from running statistics', () => {
    const { parameters, state } = trainable(tinyNetwork());
    // Batch normalisation of the two excitation layers is never read.
    expect(state.size).toBe(2 * 6);
    expect(parameters.size).toBe(6 + 2 * 6 + 4 + 2);
    expect([...parameters.keys()].every((name) => !name.includes('running'))).toBe(true);
  });

  it('leaves what precedes a layer alone', () => {
    const { parameters, inputs, frozen, nodes } = trainable({ ...tinyNetwork(), from: 'a.add' });
    expect(inputs.map((port) => port.name)).toEqual(['a.add']);
    expect(parameters.has('stem.weight')).toBe(false);
    expect(parameters.has('b.skip.weight')).toBe(true);
    // Every node is in one part, but for the one that names the graph's output.
    expect(frozen!.nodes.length + nodes.length + 1).toBe(tinyNetwork().graph.nodes.length);
  });

  it('passes on what runs around the layer', () => {
    const { inputs } = trainable({ ...tinyNetwork(), from: 'b.act' });
    expect(inputs.map((port) => port.name)).toEqual(['b.act', 'b.skip.bn']);
  });

  it('refuses a layer without weights after it', () => {
    expect(() => trainable({ ...tinyNetwork(), from: tinyNetwork().logits })).toThrow(/No weight/);
  });
});
