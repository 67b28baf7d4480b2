// Opens sessions of ONNX Runtime: in the calling thread, or each in one of its own, so that several models load and run at
// once.
import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { encodeApart } from '../onnx/encode.ts';
import type { Program } from '../program/feeds.ts';
import type { EngineOptions, Session } from './engine.ts';
import { reasonOf } from './reason.ts';
import { openSessionDesk, type SessionResults } from './session-jobs.ts';
import { canThread, SessionThreads, type SessionThread } from './session-threads.ts';

/** What both sides of a session offer: a thread, or the jobs themselves. */
interface Bench {
  readonly open: (graph: Graph, options: InferenceSession.SessionOptions) => Promise<unknown>;
  readonly run: (...given: Parameters<Session['run']>) => Promise<SessionResults>;
  readonly close: () => Promise<void>;
}

export interface SettledGraph {
  readonly graph: Graph;
  readonly options: InferenceSession.SessionOptions;
}

export interface SessionPlace {
  /** In a thread of its own. Passing the arrays there and back costs a millisecond or so each time. */
  readonly threaded: boolean;
  /** The graph as the provider likes it, and the options that go with it. */
  readonly settled: (graph: Graph) => Promise<SettledGraph>;
  readonly onRun: EngineOptions['onRun'];
  readonly waiting: EngineOptions['waiting'];
}

/**
 * Throws GradcamError `engine-refused`.
 */
export async function openSession(
  program: Program,
  { threaded, settled, onRun, waiting = new SessionThreads(0) }: SessionPlace,
): Promise<Session> {
  const bench = canThread && threaded ? threadBench(waiting.take(program.name)) : inlineBench();
  try {
    const { graph, options } = await settled(program.graph());
    await bench.open(graph, options);
  } catch (cause) {
    await bench.close();
    if (cause instanceof GradcamError) throw cause;
    throw new GradcamError({
      code: 'engine-refused',
      what: `ONNX Runtime cannot open ${program.name}.`,
      found: reasonOf(messageOf(cause)),
      hint: 'Check that the model runs by itself in ONNX Runtime; if it does, report it with the model.',
      cause,
    });
  }
  return {
    async run(feeds, into) {
      try {
        const { outputs, began, ended } = await bench.run(feeds, into);
        onRun?.(began, ended);
        return outputs;
      } catch (cause) {
        if (cause instanceof GradcamError) throw cause;
        throw new GradcamError({
          code: 'engine-failed',
          what: `ONNX Runtime stopped while it ran ${program.name}.`,
          found: reasonOf(messageOf(cause)),
          hint: 'If memory ran out, use a smaller --batch or smaller pictures; else report it with the model.',
          cause,
        });
      }
    },
    close: bench.close,
  };
}

function inlineBench(): Bench {
  const desk = openSessionDesk();
  return {
    open: (graph, options) => desk.open({ model: encodeApart(graph), options }),
    run: (feeds, into) => desk.run({ feeds, into }),
    close: desk.end,
  };
}

function threadBench(thread: SessionThread): Bench {
  return {
    open: (graph, options) => {
      // The graph keeps its weights, for other programs of the same model: what goes over is a copy of those that threads cannot share.
      const model = encodeApart(graph, { onlyShared: true });
      return thread.run('open', { model, options }, [model.model.buffer as ArrayBuffer]);
    },
    run: (feeds) => thread.run('run', { feeds }),
    close: () => thread.close(),
  };
}
