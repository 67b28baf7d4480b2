// One batch of pictures under every run: votes where the class needs them, then maps. What compare draws and evaluate measures.
import type { StudioPicture } from './image/studio.ts';
import type { Slots } from './lib/slots.ts';
import type { Inferred, OpenRun } from './runs.ts';
import { cellTargets, type CellTarget, type TargetPolicy } from './targets.ts';

export interface BatchWork {
  readonly runs: readonly OpenRun[];
  readonly target: TargetPolicy;
  /** Classes are known only once every run has given its logits. */
  readonly voting: boolean;
  /** As many as there are runs that work at the same time; shared by batches under way together. */
  readonly slots: Slots;
}

export interface BatchSample {
  readonly label: string | null;
  /** Its inputs are in the order of the runs. */
  readonly picture: StudioPicture;
}

export interface BatchMaps {
  /** [sample][run] */
  readonly targets: readonly (readonly CellTarget[])[];
  /** [run][sample] */
  readonly logits: readonly (readonly Float32Array[])[];
  /** [run][method][sample], each [height * width] of the method's grid */
  readonly maps: readonly (readonly (readonly Float32Array[])[])[];
  /** What methods tell of single maps; null: nothing. Indexed as `maps`. */
  readonly notes: readonly (readonly (readonly (string | null)[])[])[];
}

/** What one run gives of a batch without knowing of the others. */
export interface FirstPass {
  /** The classes explained, -1: the run's own top class; null where they are still to be voted for. */
  readonly classes: readonly number[] | null;
  readonly one: Inferred;
  /** null where there are no classes yet. */
  readonly explained: Awaited<ReturnType<Inferred['explained']>> | null;
}

export function firstPass(
  run: OpenRun,
  inputs: readonly Float32Array[],
  classes: readonly number[] | null,
  slots: Slots,
): Promise<FirstPass> {
  return slots.run(async () => {
    const one = await run.infer(inputs, classes);
    return { classes, one, explained: classes === null ? null : await one.explained(classes) };
  });
}

/** At most as many samples as the runs were opened for. */
export async function inferBatch(work: BatchWork, group: readonly BatchSample[]): Promise<BatchMaps> {
  const { runs, target, voting, slots } = work;
  const heads = runs.map((run) => run.head);
  const targets = group.map(({ label }) => cellTargets(target, label, heads, []));
  const passes = runs.map((run, column) => {
    const classes = voting ? null : targets.map((row) => row[column]!.index);
    return firstPass(run, inputsOf(group, column), classes, slots);
  });
  return settleBatch(work, group, await Promise.all(passes));
}

/** The maps of a batch from the first passes of its runs: asks again those whose classes have come out otherwise. */
export async function settleBatch(
  { runs, target, voting, slots }: BatchWork,
  group: readonly BatchSample[],
  passes: readonly FirstPass[],
): Promise<BatchMaps> {
  const heads = runs.map((run) => run.head);
  const votes = (row: number): Float32Array[] => (voting ? passes.map(({ one }) => one.logits[row]!) : []);
  const targets = group.map(({ label }, row) => cellTargets(target, label, heads, votes(row)));
  const settled = await Promise.all(
    passes.map(async ({ one, classes, explained }, column) => {
      const wanted = targets.map((row) => row[column]!.index);
      if (classes === null) return { one, explained: await slots.run(() => one.explained(wanted)) };
      if (explained !== null && wanted.every((index, row) => index === classes[row])) return { one, explained };
      const again = await firstPass(runs[column]!, inputsOf(group, column), wanted, slots);
      return { one: again.one, explained: again.explained! };
    }),
  );
  return {
    targets,
    logits: settled.map(({ one }) => one.logits),
    maps: settled.map(({ explained }) => explained.map((samples) => samples.map(({ map }) => map))),
    notes: settled.map(({ explained }) => explained.map((samples) => samples.map(({ note }) => note ?? null))),
  };
}

const inputsOf = (group: readonly BatchSample[], column: number): Float32Array[] =>
  group.map(({ picture }) => picture.inputs[column]!.data);
