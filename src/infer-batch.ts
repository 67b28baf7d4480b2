// One batch of pictures under every run: votes where the class needs them, then maps. What compare draws and evaluate measures.
import type { StudioPicture } from './image/studio.ts';
import type { Slots } from './lib/slots.ts';
import type { OpenRun, StartedRun } from './runs.ts';
import { cellTargets, type CellTarget, type TargetPolicy } from './targets.ts';

export interface BatchWork {
  /** Those that are still opening are waited for one by one. */
  readonly runs: readonly (OpenRun | StartedRun)[];
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

/** At most as many samples as the runs were opened for. */
export async function inferBatch(work: BatchWork, group: readonly BatchSample[]): Promise<BatchMaps> {
  const { runs, target, voting, slots } = work;
  const heads = runs.map((run) => run.head);
  const early = group.map(({ label }) => cellTargets(target, label, heads, []));
  const inferred = await Promise.all(
    runs.map(async (run, column) => {
      const inputs = group.map(({ picture }) => picture.inputs[column]!.data);
      const classes = voting ? null : early.map((row) => row[column]!.index);
      const open = 'opened' in run ? await run.opened : run;
      return slots.run(async () => {
        const one = await open.infer(inputs, classes);
        return { one, explained: classes === null ? null : await one.explained(classes) };
      });
    }),
  );
  const votes = (row: number): Float32Array[] => inferred.map(({ one }) => one.logits[row]!);
  const targets = voting ? group.map(({ label }, row) => cellTargets(target, label, heads, votes(row))) : early;
  const explained = await Promise.all(
    inferred.map(
      async ({ one, explained }, column) =>
        explained ?? (await slots.run(() => one.explained(targets.map((row) => row[column]!.index)))),
    ),
  );
  return {
    targets,
    logits: inferred.map(({ one }) => one.logits),
    maps: explained.map((methods) => methods.map((samples) => samples.map(({ map }) => map))),
    notes: explained.map((methods) => methods.map((samples) => samples.map(({ note }) => note ?? null))),
  };
}
