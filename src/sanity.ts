// Sanity checks of maps: each run beside itself with weights drawn anew, from the head down, and beside a model trained on
// permuted labels where there is one. Adebayo et al. 2018, arXiv 1810.03292.
import type { OnProgress } from './events.ts';
import { redraw, weightedNodes, type WeightedNode } from './graph/passes/redraw.ts';
import type { Studio, StudioPicture } from './image/studio.ts';
import { limited } from './lib/ordered.ts';
import { compareMaps, type Numbers } from './metrics/maps/measure.ts';
import {
  SANITY_SAMPLES,
  SANITY_STEPS,
  type Likeness,
  type RandomisationStep,
  type SanityResult,
} from './metrics/maps/sanity.ts';
import type { OpenedRuns } from './open-runs.ts';
import type { ReportCell, ReportSample } from './report/report.ts';
import type { OpenRun } from './runs.ts';

export interface SanityWork {
  readonly opened: Pick<OpenedRuns, 'runs' | 'reopen'>;
  readonly methods: readonly string[];
  readonly samples: readonly SanitySample[];
  /** Run id, or `*` for all -> path of a model trained on permuted labels. */
  readonly permuted: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

export interface SanitySample {
  readonly picture: StudioPicture;
  /** The explained class of each run, 0 or greater. */
  readonly targets: readonly number[];
}

/** One result for each run and method, in their order. Throws GradcamError where a permuted model cannot be opened. */
export async function checkSanity(work: SanityWork): Promise<SanityResult[]> {
  const results: SanityResult[] = [];
  for (const [column, run] of work.opened.runs.entries()) {
    const own = await mapsOf(run, column, work.samples);
    const steps = await randomise(work, column, own);
    const other = work.permuted[run.id] ?? work.permuted['*'];
    const beside = other === undefined ? null : await besidePermuted(work, column, own, other);
    for (const [m, method] of work.methods.entries())
      results.push({
        run: run.id,
        method,
        randomisation: steps.map(({ likeness, ...step }) => ({ ...step, ...likeness[m]! })),
        permutedLabels: beside === null ? null : beside[m]!,
      });
  }
  return results;
}

/**
 * The first samples of a report, decoded again and prepared for every run, with the classes that its cells explain. Samples
 * without a class under some run are left out.
 */
export async function loadSanitySamples(
  report: { readonly samples: readonly ReportSample[]; readonly cells: readonly ReportCell[] },
  runs: readonly OpenRun[],
  studio: Studio,
): Promise<SanitySample[]> {
  const targets = new Map(
    report.cells.map(({ sample, run, target }) => [JSON.stringify([sample, run]), target?.index]),
  );
  const chosen = report.samples
    .map(({ id, path }) => ({ path, targets: runs.map((run) => targets.get(JSON.stringify([id, run.id])) ?? -1) }))
    .filter((sample) => sample.targets.every((target) => target >= 0))
    .slice(0, SANITY_SAMPLES);
  const specs = runs.map((run) => run.prepared.prepare);
  const samples = await limited(chosen, 4, async (sample) => ({
    ...sample,
    picture: await studio.load(sample.path, specs),
  }));
  await limited(samples, 4, ({ picture }) => studio.release(picture.handle)); // inputs stay, pixels need not
  return samples;
}

/** [method][sample], [height * width] each */
type Maps = readonly (readonly Float32Array[])[];

interface Step extends Pick<RandomisationStep, 'layer' | 'redrawn'> {
  /** Per method. */
  readonly likeness: readonly Likeness[];
}

async function randomise(work: SanityWork, column: number, own: Maps): Promise<Step[]> {
  const run = work.opened.runs[column]!;
  const layers = weightedNodes(run.prepared.graph);
  const counts = stepCounts(layers.length);
  const steps: Step[] = [];
  for (const [index, count] of counts.entries()) {
    work.signal?.throwIfAborted();
    work.onProgress({
      kind: 'passes',
      run: run.id,
      method: 'weights drawn anew',
      done: index + 1,
      total: counts.length,
    });
    const names = layers.slice(0, count).flatMap(({ weights }) => weights);
    const blank = await work.opened.reopen(run.prepared.model.path, run.id, {
      layer: run.layer.name,
      rewrite: (graph) => redraw(graph, names, work.seed),
    });
    try {
      const maps = await mapsOf(blank, column, work.samples);
      steps.push({
        layer: nameOf(layers[count - 1]!),
        redrawn: count,
        likeness: likenessOf(work, column, own, maps, blank),
      });
    } finally {
      await blank.close();
    }
  }
  return steps;
}

/** How many layers are drawn anew at each step: one, then evenly up to all. */
export function stepCounts(layers: number): number[] {
  const counts = Array.from({ length: SANITY_STEPS }, (_, i) =>
    Math.round(1 + ((layers - 1) * i) / (SANITY_STEPS - 1)),
  );
  return layers === 0 ? [] : [...new Set(counts)];
}

const nameOf = ({ node }: WeightedNode): string => node.scope ?? (node.name === '' ? node.outputs[0]! : node.name);

async function besidePermuted(work: SanityWork, column: number, own: Maps, path: string): Promise<Likeness[]> {
  const run = work.opened.runs[column]!;
  const other = await work.opened.reopen(path, run.id, {});
  try {
    return likenessOf(work, column, own, await mapsOf(other, column, work.samples), other);
  } finally {
    await other.close();
  }
}

async function mapsOf(run: OpenRun, column: number, samples: readonly SanitySample[]): Promise<Maps> {
  const maps: Float32Array[][] = run.grids.map(() => []);
  const { batch } = run.prepared;
  for (let from = 0; from < samples.length; from += batch) {
    const part = samples.slice(from, from + batch);
    const classes = part.map(({ targets }) => targets[column]!);
    const inferred = await run.infer(
      part.map(({ picture }) => picture.inputs[column]!.data),
      classes,
    );
    for (const [m, row] of (await inferred.maps(classes)).entries()) maps[m]!.push(...row);
  }
  return maps;
}

function likenessOf(work: SanityWork, column: number, own: Maps, others: Maps, other: OpenRun): Likeness[] {
  const run = work.opened.runs[column]!;
  return own.map((row, m) => {
    const pairs = row.flatMap((data, sample): Numbers[] => {
      const { placement } = work.samples[sample]!.picture.inputs[column]!;
      const place = (from: OpenRun, values: Float32Array) => {
        const [height, width] = from.grids[m]!;
        return { map: { height, width, data: values }, placement };
      };
      if (!data.every(Number.isFinite) || !others[m]![sample]!.every(Number.isFinite)) return [];
      const numbers = compareMaps(place(run, data), place(other, others[m]![sample]!));
      return numbers === null ? [] : [numbers];
    });
    const defined = pairs.filter((numbers) => numbers['spearman'] !== null && numbers['ssim'] !== null);
    const mean = (id: string): number | null =>
      defined.length === 0 ? null : defined.reduce((sum, numbers) => sum + numbers[id]!, 0) / defined.length;
    return { n: defined.length, spearman: mean('spearman'), ssim: mean('ssim') };
  });
}
