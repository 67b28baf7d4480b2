// Opens every run of a comparison: bad ones are skipped and named, class names are brought together. The first is read and
// opened first: pictures can be prepared and its first maps made while the others are still on their way.
import { methods } from './cam/methods.ts';
import { borrowNames } from './classes.ts';
import type { OnProgress } from './events.ts';
import { GradcamError, messageOf } from './lib/errors.ts';
import { engineWith } from './engine/engine.ts';
import { chooseEngine } from './engine/engines.ts';
import type { SessionThreads } from './engine/session-threads.ts';
import { shareThreads } from './engine/share.ts';
import { Intervals } from './lib/intervals.ts';
import { unknownName } from './lib/names.ts';
import { inputOf } from './input-options.ts';
import { Slots } from './lib/slots.ts';
import type { RunList } from './data/models.ts';
import type { FilesAhead } from './model/ahead.ts';
import type { CompareOptions } from './options.ts';
import type { ReportSkipped } from './report/report.ts';
import { openRun, startRun, type OpenOptions, type OpenRun, type StartedRun } from './runs.ts';
import { needsVote, referenceOf } from './targets.ts';

/** How the runs of a comparison work together. */
interface Together {
  /** Classes are known only once every run has given its logits. */
  readonly voting: boolean;
  /** Runs that work at the same time. */
  readonly atOnce: number;
}

/** Runs on their way to being open. */
export interface StartedRuns extends Together {
  /** Settles when the first run of the list is open, or refused: it is opened by itself, the others beside each other. */
  readonly first: Promise<void>;
  /** In the order of the list: each as soon as its file is read, null where it is refused. Class names are its own. */
  readonly each: readonly Promise<StartedRun | null>[];
  /** Settles when every file is read: runs with the class names that they have from one another. */
  readonly read: Promise<readonly StartedRun[]>;
  /** Settles when every run is open, or refused; rejects where none is left. */
  readonly opened: Promise<OpenedRuns>;
  /** Id of the engine that was taken. */
  readonly engine: string;
  /** When it computed, under any of the runs. */
  readonly work: Intervals;
  /** Waits until all are open, and closes them. */
  readonly close: () => Promise<void>;
}

export interface OpenedRuns extends Together {
  readonly runs: readonly OpenRun[];
  /** The place of each in the list. */
  readonly places: readonly number[];
  readonly skipped: readonly ReportSkipped[];
  /** Opens a model as the run `id` was opened, but for what is said otherwise; by itself, with all threads. */
  readonly reopen: (path: string, id: string, otherwise: Partial<OpenOptions>) => Promise<OpenRun>;
}

/**
 * Throws GradcamError when no run is left (the one reason where there is one run, all of them otherwise), and when a layer
 * is asked for in a run that is not there.
 */
export async function openRuns(...work: Parameters<typeof startRuns>): Promise<OpenedRuns> {
  return (await startRuns(...work)).opened;
}

interface Refused {
  readonly path: string;
  readonly error: GradcamError;
}

/** What may have been begun before anything here was loaded. */
export interface BegunBefore {
  readonly waiting?: SessionThreads;
  /** Of the first run. */
  readonly ahead?: Promise<FilesAhead>;
}

/** As `openRuns`, but waits neither for files nor for the engine. Files are read one by one, so that the first is there soon. */
export async function startRuns(
  list: RunList,
  options: CompareOptions,
  labels: readonly (string | null)[],
  batch: number,
  onProgress: OnProgress,
  { waiting, ahead }: BegunBefore = {},
): Promise<StartedRuns> {
  requireKnownRuns(list, options);
  for (const missing of list.skipped) onProgress({ kind: 'skipped', ...missing });
  const voting = needsVote(options.target, labels, list.runs.length);
  const work = new Intervals();
  const engine = engineWith(await chooseEngine(options.engine), {
    waiting,
    pictures: labels.length,
    onRun: (began, ended) => work.add(began, ended),
  });
  const share = shareThreads(list.runs.length, options.threads);
  const reading = new Slots(1);
  const warned = new Set<string>();
  const warnOnce = (message: string): void => {
    if (!warned.has(message)) onProgress({ kind: 'warning', message });
    warned.add(message);
  };
  const optionsOf = (id: string): OpenOptions => ({
    ...options,
    engine,
    batch,
    reading,
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
    onLeftOut: (why) => warnOnce(`${id}: ${why}`),
    onPasses: (method, done, total) => onProgress({ kind: 'passes', run: id, method, done, total }),
  });
  const openings = new Slots(share.sessions);
  const refused = (path: string, error: unknown): Refused => {
    if (!(error instanceof GradcamError) || error.exitCode === 2) throw error;
    onProgress({ kind: 'skipped', path, reason: messageOf(error) });
    return { path, error };
  };
  const start = async ({ id, path }: RunList['runs'][number]): Promise<StartedRun | Refused> => {
    const began = performance.now();
    onProgress({ kind: 'model-loading', run: id, path });
    const own = list.runs[0]!.id === id ? { ahead } : {};
    const beside = { voting, threads: share.threads, besideOthers: share.sessions > 1, ...own };
    try {
      const run = await startRun(path, id, { ...optionsOf(id), ...beside }, openings);
      const told = (): void =>
        onProgress({ kind: 'model-loaded', run: id, layer: run.layer.name, ms: performance.now() - began });
      run.opened.then(told, () => undefined);
      return run;
    } catch (error) {
      return refused(path, error);
    }
  };
  const known = labels.filter((label) => label !== null);
  // The first must not share cores and disk with the others: the sooner it is open, the sooner the engine is at work.
  const tried: Promise<StartedRun | Refused>[] = [];
  let first = Promise.resolve();
  for (const one of list.runs) {
    tried.push(first.then(() => start(one)));
    if (tried.length === 1) first = openOrNot(tried[0]!);
  }
  const each = tried.map(async (trying) => {
    const run = await trying;
    return 'error' in run ? null : run;
  });
  const readable = async (): Promise<StartedRun[]> => (await Promise.all(each)).filter((run) => run !== null);
  const together: Together = { voting, atOnce: share.sessions };
  const settle = async (): Promise<OpenedRuns> => {
    const all = await Promise.all(
      tried.map(async (trying) => {
        const run = await trying;
        return 'error' in run ? run : run.opened.catch((error: unknown) => refused(run.prepared.model.path, error));
      }),
    );
    const open = all.filter((run): run is OpenRun => !('error' in run));
    const failures = all.filter((run): run is Refused => 'error' in run);
    if (open.length === 0) throw noRuns(failures);
    return {
      ...together,
      runs: withNames(open, known),
      places: open.map((run) => all.indexOf(run)),
      skipped: [...list.skipped, ...failures.map(({ path, error }) => ({ path, reason: messageOf(error) }))],
      reopen: (path, id, otherwise) => openRun(path, id, { ...optionsOf(id), ...otherwise }),
    };
  };
  let closing: Promise<void> | undefined;
  const read = readable().then((runs) => withNames(runs, known));
  const opened = settle();
  for (const promise of [...each, read, opened]) promise.catch(() => undefined); // told where they are awaited
  return {
    ...together,
    first,
    each,
    read,
    opened,
    work,
    engine: engine.id,
    close: () => (closing ??= closeAll(each)),
  };
}

async function closeAll(each: readonly Promise<StartedRun | null>[]): Promise<void> {
  await Promise.all(
    each.map(async (reading) => {
      const run = await reading.catch(() => null); // why it was not read is told elsewhere
      await run?.close();
    }),
  );
}

/** Never rejects. */
async function openOrNot(trying: Promise<StartedRun | Refused>): Promise<void> {
  try {
    const run = await trying;
    if (!('error' in run)) await run.opened;
  } catch {
    // It is told where all of them are awaited.
  }
}

/** Throws GradcamError `unknown-run` where something is said of a run that is not there. */
function requireKnownRuns({ runs }: RunList, options: CompareOptions): void {
  const ids = runs.map(({ id }) => id);
  const named = [...Object.keys(options.layers), ...Object.keys(options.inputs)];
  const strange = named.find((run) => run !== '*' && !ids.includes(run));
  if (strange !== undefined) throw unknownName('run', strange, ids);
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
