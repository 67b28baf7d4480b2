// What a report says in numbers of its maps, gathered batch by batch: localisation where there are masks, complexity and
// agreement always, faithfulness where it was asked for.
import { topIndex, twoSidedLogits } from './classes.ts';
import { measureFaithfulness, type FaithfulnessMeasure } from './faithfulness.ts';
import type { OnProgress } from './events.ts';
import type { Heatmap, Mask } from './image/picture.ts';
import type { Studio } from './image/studio.ts';
import type { BatchMaps, BatchSample } from './infer-batch.ts';
import { messageOf } from './lib/errors.ts';
import { measureSample, type CellMeasure, type SampleMeasure } from './metrics/maps/measure.ts';
import { faithfulnessMetrics, type FaithfulnessId } from './metrics/maps/metrics.ts';
import type { FaithfulnessSettings } from './metrics/maps/subject.ts';
import { reduceMask } from './report/outline.ts';
import type { OpenRun } from './runs.ts';

export interface MeasureOptions {
  readonly methods: readonly string[];
  /** Faithfulness metrics; none: the models are not asked again. */
  readonly faithfulness: readonly FaithfulnessId[];
  readonly settings?: FaithfulnessSettings;
  readonly onProgress?: OnProgress;
}

/** [run][method][sample]; null for maps that there are not, and everywhere where no faithfulness was asked for. */
export type BatchFaithfulness = readonly (readonly (readonly (FaithfulnessMeasure | null)[])[])[];

/** The models are asked again, run after run: this holds the engine, so it comes before the next batch. */
export async function faithfulnessOfBatch(
  runs: readonly OpenRun[],
  group: readonly (BatchSample & { readonly name: string })[],
  { maps, logits, targets }: BatchMaps,
  { methods, faithfulness, settings, onProgress }: MeasureOptions,
): Promise<BatchFaithfulness> {
  const results: (FaithfulnessMeasure | null)[][][] = [];
  for (const [column, run] of runs.entries()) {
    if (faithfulness.length === 0) {
      results.push(methods.map(() => group.map(() => null)));
      continue;
    }
    const own = methods.map((_, m) =>
      group.map((__, row) =>
        logits[column]![row]!.every(Number.isFinite) ? mapAt(run, m, maps[column]![m]![row]!) : null,
      ),
    );
    results.push(
      await measureFaithfulness({
        run,
        metrics: faithfulness.map((id) => faithfulnessMetrics[id]),
        ...(settings === undefined ? {} : { settings }),
        samples: group.map(({ name, picture }, row) => ({
          name,
          input: picture.inputs[column]!.data,
          logits: logits[column]![row]!,
          target: settledTarget(targets[row]![column]!.index, logits[column]![row]!),
        })),
        maps: own.map((row) => row.map((map) => (map !== null && map.data.some((value) => value > 0) ? map : null))),
        onPasses: (done, total) => onProgress?.({ kind: 'passes', run: run.id, method: 'faithfulness', done, total }),
      }),
    );
  }
  return results;
}

export interface MeasuredSample extends SampleMeasure {
  readonly masked: boolean;
  /** Its mask, small enough to keep; null where there is none that can be read, or where it is not to be kept. */
  readonly mask: Mask | null;
  /** Why its mask could not be read. */
  readonly problem: string | null;
}

/** Cells are run by run, method by method within a run. */
export async function measureRow(
  runs: readonly OpenRun[],
  sample: BatchSample & { readonly name: string; readonly mask: string | null },
  { row, maps, faithfulness }: { row: number; maps: BatchMaps['maps']; faithfulness: BatchFaithfulness },
  { methods, studio, keepMask = false }: { methods: readonly string[]; studio: Studio; keepMask?: boolean },
): Promise<MeasuredSample> {
  const { mask, problem } = await readMask(sample.mask, studio);
  const { width, height, inputs } = sample.picture;
  const measured = measureSample(
    runs.flatMap((run, column) =>
      methods.map((method, m) => ({
        run: run.id,
        method,
        map: mapAt(run, m, maps[column]![m]![row]!),
        placement: inputs[column]!.placement,
      })),
    ),
    mask,
    { name: sample.name, width, height },
  );
  const cells = measured.cells.map((cell, i) => {
    const [column, m] = [Math.floor(i / methods.length), i % methods.length];
    return withFaithfulness(cell, faithfulness[column]![m]![row]!);
  });
  return {
    ...measured,
    cells,
    masked: mask !== null,
    mask: mask !== null && keepMask ? reduceMask(mask) : null,
    problem,
  };
}

function withFaithfulness(cell: CellMeasure, faithful: FaithfulnessMeasure | null): CellMeasure {
  if (faithful === null || cell.metrics === null) return cell;
  return {
    ...cell,
    metrics: { ...cell.metrics, ...faithful.metrics },
    random: { ...cell.random, ...faithful.random },
    centred: { ...cell.centred, ...faithful.centred },
  };
}

async function readMask(
  path: string | null,
  studio: Studio,
): Promise<{ readonly mask: Mask | null; readonly problem: string | null }> {
  if (path === null) return { mask: null, problem: null };
  try {
    return { mask: await studio.mask(path), problem: null };
  } catch (error) {
    return { mask: null, problem: messageOf(error) };
  }
}

/** null where the map holds numbers that are none. */
function mapAt(run: OpenRun, method: number, data: Float32Array): Heatmap | null {
  const [height, width] = run.grids[method]!;
  return data.every(Number.isFinite) ? { height, width, data } : null;
}

/** The class itself, or the model's own top class where -1 stands for it; -1 where the logits are not numbers. */
export function settledTarget(index: number, logits: Float32Array): number {
  return index >= 0 ? index : topIndex(Float64Array.from(twoSidedLogits(logits)));
}
