// The loop over epochs with a trainer that learns nothing: what is chosen, stored, taken up again, and when it stops.
import { describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/events.ts';
import { fit, type FitSpec } from '../../src/train/fit.ts';
import { readCheckpoint, lastFile } from '../../src/train/checkpoint.ts';
import type { EpochRow } from '../../src/train/history.ts';
import { objectiveOf } from '../../src/train/objective.ts';
import type { Source, SourceBatch } from '../../src/train/source.ts';
import type { Snapshot, StepFeeds, Trainer } from '../../src/train/trainer.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const STEPS = 3;
const BATCH = 2;

/** Its one parameter becomes a mixture of everything that a step is fed, so that any difference shows. */
function fakeTrainer(scores: readonly number[] = [], poison: (step: number) => boolean = () => false) {
  let steps = 0;
  let value = 1;
  let epochs = 0;
  const tensors = (): Snapshot['tensors'] => ({
    'parameter/w': { dtype: 'float32', shape: [1], data: Float32Array.of(value) },
  });
  const trainer: Trainer = {
    batch: BATCH,
    classes: 2,
    inputs: [],
    frozen: null,
    size: 1,
    steps: () => steps,
    step({ inputs, labels, learningRate, random, lossInputs }: StepFeeds) {
      const sum = [...(inputs as Float32Array), ...labels].reduce((a, b) => a + b, 0);
      const drawn = (random?.unit() ?? 0) + (lossInputs?.classWeights?.[0] ?? 0);
      value = Math.fround(Math.sin(value + sum + 100 * learningRate + drawn));
      steps++;
      const loss = poison(steps) ? NaN : Math.abs(value);
      return Promise.resolve({ loss, logits: new Float32Array(BATCH * 2), gradientNorm: 1 });
    },
    evaluate() {
      epochs = Math.floor(steps / STEPS);
      const isRight = (scores[epochs - 1] ?? 0) > 0.5;
      return Promise.resolve(Float32Array.from(isRight ? [1, 0, 0, 1] : [0, 1, 0, 1]));
    },
    snapshot: () => ({ step: steps, tensors: tensors() }),
    restore(snapshot) {
      steps = snapshot.step;
      value = snapshot.tensors['parameter/w']!.data[0]!;
    },
    exportGraph: () => {
      throw new Error('not needed');
    },
    close: () => Promise.resolve(),
  };
  return { trainer, value: () => value };
}

function source(steps: number): Source {
  return {
    steps,
    async *epoch(epoch) {
      for (let step = 0; step < steps; step++) {
        const batch: SourceBatch = {
          count: BATCH,
          inputs: Float32Array.of(epoch, step),
          labels: Int32Array.of(0, 1),
          targets: null,
        };
        yield await Promise.resolve(batch);
      }
    },
    skipped: [],
    close: () => Promise.resolve(),
  };
}

function specFor(folder: string, trainer: Trainer, changes: Partial<FitSpec> = {}): FitSpec & { chosen: number[] } {
  const chosen: number[] = [];
  const objective = objectiveOf({
    loss: 'ce',
    lossOptions: {},
    counts: [3, 1],
    head: undefined,
    multiLabel: false,
    smoothing: 0,
    drwEpoch: 2,
    batch: BATCH,
    seed: 0,
  });
  return {
    run: 'ce',
    folder,
    trainer,
    objective,
    labels: 'index',
    rate: { schedule: 'cosine', lr: 0.1, warmup: 1, epochs: 5, steps: STEPS, every: 1, milestones: [], factor: 1, floor: 0 }, // prettier-ignore
    train: source(STEPS),
    val: source(1),
    score: { run: 'ce', classes: ['a', 'b'], multiLabel: false, logitScale: 1, which: 'current' },
    save: 'best',
    patience: null,
    seed: 4,
    recipe: { lr: 0.1 },
    resume: false,
    onBegin: () => Promise.resolve(),
    onEpoch(row: EpochRow, isChosen: boolean) {
      if (isChosen) chosen.push(row.epoch);
      return Promise.resolve();
    },
    onProgress: () => undefined,
    signal: undefined,
    chosen,
    ...changes,
  };
}

test('the best epoch is in the trainer at the end, the first of equals', async () => {
  const { trainer, value } = fakeTrainer([0, 1, 0, 1, 0]);
  const values: number[] = [];
  const spec = specFor(temporaryFolder().path, trainer, {
    onProgress: (event: ProgressEvent) => event.kind === 'epoch' && values.push(value()),
  });
  const { epoch, history, val } = await fit(spec);
  expect(epoch).toBe(2);
  expect(spec.chosen).toEqual([1, 2]);
  expect(history.map(({ best }) => best)).toEqual([true, true, false, false, false]);
  expect(val?.macroF1).toBe(1);
  expect(value()).toBe(values[1]);
});

test('save last: every epoch is published, the last one stays', async () => {
  const { trainer, value } = fakeTrainer([0, 1, 0, 0, 0]);
  const values: number[] = [];
  const spec = specFor(temporaryFolder().path, trainer, {
    save: 'last',
    onProgress: (event: ProgressEvent) => event.kind === 'epoch' && values.push(value()),
  });
  const { epoch } = await fit(spec);
  expect(epoch).toBe(5);
  expect(spec.chosen).toEqual([1, 2, 3, 4, 5]);
  expect(value()).toBe(values[4]);
});

test('patience', async () => {
  const { trainer } = fakeTrainer([0, 1, 0, 0, 0]);
  const result = await fit(specFor(temporaryFolder().path, trainer, { patience: 2 }));
  expect(result.history).toHaveLength(4);
  expect(result.stoppedEarly).toBe(true);
});

describe('taken up again', () => {
  test.each([1, 4, 7, 14])('after a stop at step %i, bit by bit the same', async (stopAt) => {
    const whole = fakeTrainer([0, 0, 1, 0, 0]);
    const wanted = await fit(specFor(temporaryFolder().path, whole.trainer));

    const folder = temporaryFolder().path;
    const controller = new AbortController();
    const first = fakeTrainer([0, 0, 1, 0, 0]);
    let steps = 0;
    const onProgress = (event: ProgressEvent): void => {
      if (event.kind === 'step' && ++steps === stopAt) controller.abort(new Error('killed'));
    };
    await expect(fit(specFor(folder, first.trainer, { onProgress, signal: controller.signal }))).rejects.toThrow();
    const second = fakeTrainer([0, 0, 1, 0, 0]);
    const found = await fit(specFor(folder, second.trainer, { resume: true }));
    expect(second.value()).toBe(whole.value());
    const timeless = (rows: readonly EpochRow[]) => rows.map((row) => ({ ...row, seconds: 0, picturesPerSecond: 0, busy: 0 })); // prettier-ignore
    expect(timeless(found.history)).toEqual(timeless(wanted.history));
    expect(found.epoch).toBe(wanted.epoch);
  });

  test('a finished one goes to its end at once, an unknown one begins', async () => {
    const folder = temporaryFolder().path;
    const first = fakeTrainer([0, 1]);
    await fit(specFor(folder, first.trainer, { resume: true }));
    const second = fakeTrainer([0, 1]);
    let steps = 0;
    const onProgress = (event: ProgressEvent): void => void (event.kind === 'step' && steps++);
    const { epoch } = await fit(specFor(folder, second.trainer, { resume: true, onProgress }));
    expect([steps, epoch]).toEqual([0, 2]);
    expect(second.value()).toBe(first.value());
  });

  test('not with other options', async () => {
    const folder = temporaryFolder().path;
    await fit(specFor(folder, fakeTrainer().trainer));
    const other = specFor(folder, fakeTrainer().trainer, { resume: true, recipe: { lr: 0.2 } });
    await expect(fit(other)).rejects.toMatchObject({ code: 'resume-does-not-fit' });
  });
});

test('a loss that is no number stops, says where, and leaves the checkpoint of the epoch before', async () => {
  const folder = temporaryFolder().path;
  const { trainer } = fakeTrainer([], (step) => step === 8);
  const error = await fit(specFor(folder, trainer)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'training-diverged', parts: { what: 'training of ce stopped at step 8 (epoch 3 of 5)' } }); // prettier-ignore
  const stored = await readCheckpoint(lastFile(folder));
  expect(stored?.meta).toMatchObject({ step: 6 });
});

test('parameters that are no numbers after the last step of an epoch are not stored', async () => {
  const folder = temporaryFolder().path;
  const { trainer } = fakeTrainer();
  const spoilt: Trainer = {
    ...trainer,
    snapshot() {
      const { step, tensors } = trainer.snapshot();
      const w = { dtype: 'float32' as const, shape: [1], data: Float32Array.of(NaN) };
      return { step, tensors: step < 6 ? tensors : { 'parameter/w': w } };
    },
  };
  await expect(fit(specFor(folder, spoilt))).rejects.toMatchObject({
    code: 'training-diverged',
    parts: { what: 'training of ce stopped at step 6 (epoch 2 of 5)' },
  });
  const stored = await readCheckpoint(lastFile(folder));
  expect(stored?.meta).toMatchObject({ step: 3 });
});

test('logits that are no numbers stop it before anything is stored', async () => {
  const folder = temporaryFolder().path;
  const { trainer } = fakeTrainer();
  const spoilt: Trainer = { ...trainer, evaluate: () => Promise.resolve(Float32Array.of(1, NaN, 0, 1)) };
  await expect(fit(specFor(folder, spoilt))).rejects.toMatchObject({ code: 'training-diverged' });
  expect(await readCheckpoint(lastFile(folder))).toBeNull();
});

test('progress is told step by step', async () => {
  const { trainer } = fakeTrainer();
  const events: ProgressEvent[] = [];
  await fit(specFor(temporaryFolder().path, trainer, { onProgress: (event) => void events.push(event) }));
  expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(15);
  expect(events.filter(({ kind }) => kind === 'epoch')).toHaveLength(5);
  expect(events[4]).toMatchObject({ kind: 'step', run: 'ce', epoch: 2, epochs: 5, step: 1, steps: 3, pictures: 2 });
});
