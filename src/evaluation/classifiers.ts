// Opens runs for their logits alone: no layer, no map. What `evaluate` needs of a run.
import type { ClassHead } from '../classes.ts';
import type { RunList } from '../data/models.ts';
import { chooseEngine } from '../engine/engines.ts';
import { engineWith, type Engine } from '../engine/engine.ts';
import { shareThreads } from '../engine/share.ts';
import type { OnProgress } from '../events.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { Intervals } from '../lib/intervals.ts';
import { limited } from '../lib/ordered.ts';
import { noRuns, withNames } from '../open-runs.ts';
import { classLogit } from '../cam/targets/class-logit.ts';
import { imageShape, rows, stacked } from '../network.ts';
import { LOGITS, camPrograms } from '../program/program.ts';
import { inputLayer } from '../program/sites.ts';
import { headOf, prepareModel, type Prepared } from '../runs.ts';

export interface Classifier {
  /** Unique, and a safe file name. */
  readonly id: string;
  readonly name: string;
  readonly prepared: Prepared;
  readonly head: ClassHead;
  readonly assumed: readonly string[];
  /** Prepared pictures -> logits `[classes]` of each. */
  infer(inputs: readonly Float32Array[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export interface ClassifierOptions {
  readonly batch: number;
  readonly threads?: number | undefined;
  readonly engine: string;
  /** Of a model with several outputs, the one with the logits. */
  readonly output?: string | undefined;
}

export interface OpenedClassifiers {
  readonly runs: readonly Classifier[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Runs that work at the same time. */
  readonly atOnce: number;
  /** When the engine computed. */
  readonly work: Intervals;
}

/**
 * Opens every run of the list; one that cannot be opened is skipped and named. `labels`: class names of the data, for runs
 * that name none. Throws GradcamError where no run is left.
 */
export async function openClassifiers(
  list: RunList,
  options: ClassifierOptions,
  labels: readonly string[],
  onProgress: OnProgress,
): Promise<OpenedClassifiers> {
  for (const missing of list.skipped) onProgress({ kind: 'skipped', ...missing });
  const work = new Intervals();
  const engine = engineWith(await chooseEngine(options.engine), {
    onRun: (began, ended) => work.add(began, ended),
  });
  const share = shareThreads(list.runs.length, options.threads);
  const session = { engine, threads: share.threads, besideOthers: share.sessions > 1 };
  const tried = await limited(list.runs, share.sessions, async ({ id, path }) => {
    const started = performance.now();
    onProgress({ kind: 'model-loading', run: id, path });
    try {
      const run = await openClassifier(id, path, options, session);
      onProgress({ kind: 'model-loaded', run: id, ms: performance.now() - started });
      return run;
    } catch (error) {
      if (!(error instanceof GradcamError) || error.exitCode === 2) throw error;
      onProgress({ kind: 'skipped', path, reason: messageOf(error) });
      return { path, error };
    }
  });
  const runs = tried.filter((run): run is Classifier => !('error' in run));
  const failures = tried.filter((run) => 'error' in run);
  if (runs.length === 0) throw noRuns(failures);
  return {
    runs: withNames(runs, labels),
    skipped: [...list.skipped, ...failures.map(({ path, error }) => ({ path, reason: messageOf(error) }))],
    atOnce: share.sessions,
    work,
  };
}

async function openClassifier(
  id: string,
  path: string,
  options: ClassifierOptions,
  { engine, ...session }: { engine: Engine; threads: number; besideOthers: boolean },
): Promise<Classifier> {
  const prepared = await prepareModel(path, options);
  const { model, graph, output, batch, run } = prepared;
  const layer = inputLayer(graph, model.input, path);
  const target = classLogit;
  const programs = camPrograms({ model: path, graph, input: model.input, output, layer, methods: [], target, batch });
  const opened = await engine.open(programs.forward, session);
  const { head, assumed } = headOf(prepared);
  const shape = imageShape(prepared);
  return {
    id,
    name: run.name ?? id,
    prepared,
    head,
    assumed: [...prepared.assumed, ...assumed],
    async infer(inputs) {
      const logits: Float32Array[] = [];
      for (let from = 0; from < inputs.length; from += batch) {
        const part = inputs.slice(from, from + batch);
        const outputs = await opened.run({ [programs.image]: { dtype: 'float32', shape, data: stacked(part, batch) } });
        logits.push(...rows(outputs[LOGITS]!, part.length).map((row) => row.slice(0, output.classes)));
      }
      return logits;
    },
    close: () => opened.close(),
  };
}
