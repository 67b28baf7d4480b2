// Faithfulness of maps: inputs changed by a map go through the run again, and the score of the explained class is watched.
// The same is done with a random and a centred map, for what any order of pixels would do.
import { probabilities, twoSidedLogits } from './classes.ts';
import type { Heatmap } from './image/picture.ts';
import { Random } from './lib/random.ts';
import { centredMap, randomMap } from './metrics/maps/baselines.ts';
import type { Numbers } from './metrics/maps/measure.ts';
import type { FaithfulnessMetric, Measured } from './metrics/maps/metric.ts';
import { subjectOf, type FaithfulnessSettings, type Scored, type Subject } from './metrics/maps/subject.ts';
import type { OpenRun } from './runs.ts';

export interface FaithfulnessWork {
  readonly run: OpenRun;
  readonly metrics: readonly FaithfulnessMetric[];
  readonly settings?: FaithfulnessSettings;
  readonly samples: readonly {
    /** Tells its stream of random numbers from the others': the same under every run and method. */
    readonly name: string;
    readonly input: Float32Array;
    readonly logits: Float32Array;
    /** Index of the explained class, 0 or greater. */
    readonly target: number;
  }[];
  /** [method][sample]; null where there is no map, or none with a positive value. */
  readonly maps: readonly (readonly (Heatmap | null)[])[];
  /** Told after each batch of changed inputs of one map. */
  readonly onPasses?: (done: number, total: number) => void;
}

export interface FaithfulnessMeasure {
  readonly metrics: Numbers;
  /** Of maps that know nothing of the model; without metrics that need the maps of changed inputs. */
  readonly random: Numbers;
  readonly centred: Numbers;
  /** Metric id -> points [share of pixels changed, probability], of metrics that have a curve. */
  readonly curves: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** [method][sample]; null where the map is. Many forward passes: see docs/metrics.md. */
export async function measureFaithfulness(work: FaithfulnessWork): Promise<(FaithfulnessMeasure | null)[][]> {
  const { maps, metrics, samples } = work;
  const blind = metrics.filter((metric) => metric.needsMaps !== true);
  const baselines = new Map<string, Promise<{ random: Numbers; centred: Numbers }>>();
  const results: (FaithfulnessMeasure | null)[][] = [];
  for (const [method, row] of maps.entries()) {
    const subjects = row.map((map, sample) => (map === null ? null : subjectAt(work, sample, map)));
    const again = await mapsOfMasked(work, method, subjects);
    const measures: (FaithfulnessMeasure | null)[] = [];
    for (const [sample, subject] of subjects.entries()) {
      if (subject === null) {
        measures.push(null);
        continue;
      }
      const { height, width } = subject.map;
      const key = `${sample}/${height}/${width}`;
      const baseline = baselines.get(key) ?? measureBaselines(work, blind, { sample, height, width });
      baselines.set(key, baseline);
      const own = await askAgain(work, metrics, { subject, target: samples[sample]!.target, again: again[sample]! });
      measures.push({ ...numbersAndCurves(own), ...(await baseline) });
    }
    results.push(measures);
  }
  return results;
}

async function measureBaselines(
  work: FaithfulnessWork,
  metrics: readonly FaithfulnessMetric[],
  { sample, height, width }: { sample: number; height: number; width: number },
): Promise<{ random: Numbers; centred: Numbers }> {
  const { name, target } = work.samples[sample]!;
  const of = async (map: Heatmap): Promise<Numbers> =>
    numbersAndCurves(await askAgain(work, metrics, { subject: subjectAt(work, sample, map), target, again: null }))
      .metrics;
  return {
    random: await of(randomMap(height, width, Random.of(0, 'random maps', name))),
    centred: await of(centredMap(height, width)),
  };
}

function subjectAt({ run, samples, settings }: FaithfulnessWork, sample: number, map: Heatmap): Subject {
  const { size, layout, channels } = run.prepared.prepare;
  const { name, input, logits, target } = samples[sample]!;
  return subjectOf({
    input,
    layout,
    channels: channels === 'grey' ? 1 : 3,
    height: size[0],
    width: size[1],
    map,
    before: scored(run, logits, target),
    seed: Random.of(0, 'faithfulness', name).word(),
    ...(settings === undefined ? {} : { settings }),
  });
}

/** Maps of the inputs masked by their maps, all samples of the batch in one go; null where no metric wants them. */
async function mapsOfMasked(
  { run, metrics, samples }: FaithfulnessWork,
  method: number,
  subjects: readonly (Subject | null)[],
): Promise<(Heatmap | null)[]> {
  const there = [...subjects.keys()].filter((sample) => subjects[sample] !== null);
  if (there.length === 0 || metrics.every((metric) => metric.needsMaps !== true)) return subjects.map(() => null);
  const classes = there.map((sample) => samples[sample]!.target);
  const inferred = await run.infer(
    there.map((sample) => subjects[sample]!.masked()),
    classes,
  );
  const maps = (await inferred.maps(classes))[method]!;
  const [height, width] = run.grids[method]!;
  return subjects.map((_, sample) => {
    const at = there.indexOf(sample);
    return at < 0 ? null : { height, width, data: maps[at]! };
  });
}

interface Asked {
  readonly subject: Subject;
  readonly target: number;
  /** The map of the masked input. */
  readonly again: Heatmap | null;
}

/** Runs every changed input once, however many metrics look at it. */
async function askAgain(
  { run, onPasses }: FaithfulnessWork,
  metrics: readonly FaithfulnessMetric[],
  { subject, target, again }: Asked,
): Promise<Map<string, Measured>> {
  const wanted = metrics.map((metric) => metric.inputs(subject));
  const inputs = [...new Set(wanted.flat())];
  const { logits } = await run.score(inputs, inputs.length, target, onPasses);
  const answers = new Map(inputs.map((input, i) => [input, scored(run, logits[i]!, target, again)]));
  return new Map(
    metrics.map((metric, i) => [
      metric.id,
      metric.measure(
        subject,
        wanted[i]!.map((input) => answers.get(input)!),
      ),
    ]),
  );
}

function scored({ head }: OpenRun, logits: Float32Array, target: number, map: Heatmap | null = null): Scored {
  const both = twoSidedLogits(logits.slice(0, head.logits));
  return { logit: both[target]!, probability: probabilities(both, head)[target]!, map };
}

function numbersAndCurves(measured: ReadonlyMap<string, Measured>): Pick<FaithfulnessMeasure, 'metrics' | 'curves'> {
  return {
    metrics: Object.fromEntries([...measured].map(([id, { value }]) => [id, value])),
    curves: Object.fromEntries([...measured].flatMap(([id, { curve }]) => (curve === undefined ? [] : [[id, curve]]))),
  };
}
