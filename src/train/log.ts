// The run in TensorBoard: scalars of every epoch, and what the run was made with.
import { EventsFile, type Hyperparameters, type LoggedValue } from '../lib/events-file.ts';
import type { EpochRow } from './history.ts';
import type { Scored } from './scores.ts';

export interface Log {
  epoch(row: EpochRow): Promise<void>;
  end(test: Scored | null): Promise<void>;
  fail(): Promise<void>;
}

/** A new event file in `folder`; TensorBoard reads those of earlier parts of the run with it. */
export async function openLog(folder: string, recipe: Readonly<Record<string, unknown>>): Promise<Log> {
  const file = await EventsFile.create(folder);
  await file.hyperparameters(flat(recipe));
  let steps = 0;
  const close = async (succeeded: boolean): Promise<void> => {
    await file.end(succeeded);
    await file.close();
  };
  return {
    async epoch(row) {
      steps = row.step;
      await file.write(row.step, scalarsOf(row));
    },
    async end(test) {
      const values = Object.entries(test?.metrics ?? {}).flatMap(([name, value]): LoggedValue[] =>
        typeof value === 'number' ? [{ kind: 'scalar', tag: `test/${name}`, value }] : [],
      );
      if (values.length > 0) await file.write(steps, values);
      await close(true);
    },
    // The disk may be what failed.
    fail: () => close(false).catch(() => undefined),
  };
}

function scalarsOf(row: EpochRow): LoggedValue[] {
  const tags: Readonly<Record<string, number | null>> = {
    'loss/train': row.trainLoss,
    'loss/validation': row.valLoss,
    'accuracy/train': row.trainAccuracy,
    'accuracy/validation': row.valAccuracy,
    'macro-F1/validation': row.valMacroF1,
    'training/learning rate': row.learningRate,
    'training/gradient norm': row.gradientNorm,
    'training/pictures a second': row.picturesPerSecond,
    'training/engine busy': row.busy,
    'training/epoch': row.epoch,
  };
  return Object.entries(tags).flatMap(([tag, value]): LoggedValue[] =>
    value === null ? [] : [{ kind: 'scalar', tag, value }],
  );
}

/** Lists and records as JSON. */
function flat(recipe: Readonly<Record<string, unknown>>): Hyperparameters {
  return Object.fromEntries(
    Object.entries(recipe).flatMap(([name, value]) => {
      if (value === null || value === undefined) return [];
      const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return [[name, isPlain ? value : JSON.stringify(value)]];
    }),
  );
}
