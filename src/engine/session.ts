// Opens sessions of ONNX Runtime: in the calling thread, or each in one of its own, so that several models load and run at
// once.
import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import { GradcamError, messageOf } from '../lib/errors.ts';
import { openThread } from '../lib/threads.ts';
import { encodeApart, encodeModel, type ApartModel } from '../onnx/encode.ts';
import type { Program } from '../program/feeds.ts';
import type { Session } from './engine.ts';
import { openSessionDesk, type SessionJobs } from './session-jobs.ts';

/** What both sides of a session offer: a thread, or the jobs themselves. */
interface Bench {
  readonly open: (graph: Graph, options: InferenceSession.SessionOptions) => Promise<unknown>;
  readonly run: Session['run'];
  readonly close: () => Promise<void>;
}

export interface SessionPlace {
  /** In a thread of its own. Passing the arrays there and back costs a millisecond or so each time. */
  readonly threaded: boolean;
  /** The graph as the provider likes it. */
  readonly laidOut: (graph: Graph) => Promise<Graph>;
}

/**
 * Throws GradcamError `engine-refused`.
 */
export async function openSession(
  program: Program,
  options: InferenceSession.SessionOptions,
  { threaded, laidOut }: SessionPlace,
): Promise<Session> {
  // Workers need this file compiled: under a TypeScript runner the same jobs are done in the calling thread.
  const compiled = !import.meta.url.endsWith('.ts');
  const bench = compiled && threaded ? threadBench(program.name) : inlineBench();
  try {
    await bench.open(await laidOut(program.graph()), options);
  } catch (cause) {
    await bench.close();
    if (cause instanceof GradcamError) throw cause;
    throw new GradcamError({
      code: 'engine-refused',
      what: `ONNX Runtime cannot open ${program.name}.`,
      found: messageOf(cause).split('\n')[0]!,
      hint: 'Check that the model runs by itself in ONNX Runtime; if it does, report it with the model.',
      cause,
    });
  }
  return {
    async run(feeds, into) {
      try {
        return await bench.run(feeds, into);
      } catch (cause) {
        if (cause instanceof GradcamError) throw cause;
        throw new GradcamError({
          code: 'engine-failed',
          what: `ONNX Runtime stopped while it ran ${program.name}.`,
          found: messageOf(cause).split('\n')[0]!,
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

function threadBench(name: string): Bench {
  const thread = openThread<SessionJobs>(new URL('./session-worker.js', import.meta.url), {
    closed: () =>
      new GradcamError({ code: 'session-closed', what: `${name} was run after it had been closed`, exitCode: 2 }),
    died: (found, cause) =>
      new GradcamError({
        code: 'engine-died',
        what: `the thread that ran ${name} has ended unexpectedly`,
        found,
        hint: 'it may have run out of memory: use a smaller --batch',
        exitCode: 2,
        cause,
      }),
  });
  return {
    open: (graph, options) => {
      // The graph keeps its weights, for other programs of the same model: what goes over is a copy.
      const model: ApartModel = { model: encodeModel(graph), files: [] };
      return thread.run('open', { model, options }, [model.model.buffer as ArrayBuffer]);
    },
    run: (feeds) => thread.run('run', { feeds }),
    close: () => thread.close(),
  };
}
