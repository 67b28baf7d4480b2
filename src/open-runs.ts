// Opens every run of a comparison: bad ones are skipped and named, class names are brought together.
import { methods } from './cam/methods.ts';
import { borrowNames } from './classes.ts';
import type { OnProgress } from './events.ts';
import { GradcamError, messageOf } from './lib/errors.ts';
import { chooseEngine } from './engine/engines.ts';
import { shareThreads } from './engine/share.ts';
import { unknownName } from './lib/names.ts';
import { inputOf } from './input-options.ts';
import { limited } from './lib/ordered.ts';
import type { RunList } from './data/models.ts';
import type { CompareOptions } from './options.ts';
import type { ReportSkipped } from './report/report.ts';
import { openRun, type OpenOptions, type OpenRun } from './runs.ts';
import { needsVote, referenceOf } from './targets.ts';

export interface OpenedRuns {
  readonly runs: readonly OpenRun[];
  readonly skipped: readonly ReportSkipped[];
  /** Classes are known only once every run has given its logits. */
  readonly voting: boolean;
  /** Runs that work at the same time. */
  readonly atOnce: number;
  /** Opens a model as the run `id` was opened, but for what is said otherwise; by itself, with all threads. */
  readonly reopen: (path: string, id: string, otherwise: Partial<OpenOptions>) => Promise<OpenRun>;
}

/**
 * Throws GradcamError when no run is left (the one reason where there is one run, all of them otherwise), and when a layer
 * is asked for in a run that is not there.
 */
export async function openRuns(
  list: RunList,
  options: CompareOptions,
  labels: readonly (string | null)[],
  batch: number,
  onProgress: OnProgress,
): Promise<OpenedRuns> {
  const named = [...Object.keys(options.layers), ...Object.keys(options.inputs)];
  const strange = named.find((run) => run !== '*' && list.runs.every(({ id }) => id !== run));
  if (strange !== undefined)
    throw unknownName(
      'run',
      strange,
      list.runs.map(({ id }) => id),
    );
  for (const missing of list.skipped) onProgress({ kind: 'skipped', ...missing });
  const voting = needsVote(options.target, labels, list.runs.length);
  const engine = await chooseEngine(options.engine);
  const share = shareThreads(list.runs.length, options.threads);
  const optionsOf = (id: string): OpenOptions => ({
    ...options,
    engine,
    batch,
    layer: options.layers[id] ?? options.layers['*'],
    input: inputOf(options.inputs, id),
    methods: options.methods.map((method) => methods[method]),
    voting: false,
    signed: options.choices.signed,
    eigenSmooth: options.choices.smooth.includes('eigen'),
    versions: options.choices.smooth.includes('aug'),
    explains: { ...options.choices, similarTo: referenceOf(options.target) },
    settings: options.choices.settings,
    seed: options.choices.seed,
    onPasses: (method, done, total) => onProgress({ kind: 'passes', run: id, method, done, total }),
  });
  const tried = await limited(
    list.runs,
    share.sessions,
    async ({ id, path }): Promise<OpenRun | { path: string; error: GradcamError }> => {
      const started = performance.now();
      onProgress({ kind: 'model-loading', run: id, path });
      try {
        const run = await openRun(path, id, {
          ...optionsOf(id),
          voting,
          threads: share.threads,
          besideOthers: share.sessions > 1,
        });
        onProgress({ kind: 'model-loaded', run: id, layer: run.layer.name, ms: performance.now() - started });
        return run;
      } catch (error) {
        if (!(error instanceof GradcamError) || error.exitCode === 2) throw error;
        onProgress({ kind: 'skipped', path, reason: messageOf(error) });
        return { path, error };
      }
    },
  );
  const runs = tried.filter((run): run is OpenRun => !('error' in run));
  const failures = tried.filter((run) => 'error' in run);
  if (runs.length === 0) throw noRuns(failures);
  const known = labels.filter((label) => label !== null);
  return {
    runs: withNames(runs, known),
    skipped: [...list.skipped, ...failures.map(({ path, error }) => ({ path, reason: messageOf(error) }))],
    voting,
    atOnce: share.sessions,
    reopen: (path, id, otherwise) => openRun(path, id, { ...optionsOf(id), ...otherwise }),
  };
}

/** Class names for runs that have none, from the others or from the labels (see `borrowNames`). */
export function withNames<R extends Pick<OpenRun, 'head' | 'assumed'>>(
  runs: readonly R[],
  labels: readonly string[],
): R[] {
  return runs.map((run) => {
    const borrowed = borrowNames(
      run.head,
      runs.map((other) => other.head),
      labels,
    );
    if (borrowed === null) return run;
    return {
      ...run,
      head: { ...run.head, classes: borrowed.classes, named: true },
      assumed: [...run.assumed, borrowed.why],
    };
  });
}

export function noRuns(failures: readonly { path: string; error: unknown }[]): unknown {
  const [first] = failures;
  if (failures.length === 1) return first!.error;
  return new GradcamError({
    code: 'no-models',
    what: 'None of the models could be opened.',
    found: failures.map(({ path, error }) => `\n    ${path}: ${messageOf(error).replaceAll('\n', '\n    ')}`).join(''),
    hint: 'Give models as files or run folders with --models.',
  });
}
