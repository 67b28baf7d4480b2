// A desk seen from the thread that gives the jobs: in a worker, or here.
import { GradcamError } from '../lib/errors.ts';
import { openThread, type Thread } from '../lib/threads.ts';
import type { Desk, Jobs } from './desk.ts';

export type Bench = Thread<Jobs>;

/** Does the jobs in this thread; the decoder is loaded with the first one. */
export function openInlineBench(): Bench {
  let desk: Promise<Desk> | undefined;
  let closed = false;
  return {
    waiting: () => 0,
    alive: () => true,
    async run(kind, input) {
      if (closed) throw closedError();
      desk ??= import('./desk.ts').then(({ openDesk }) => openDesk());
      return (await desk)[kind](input);
    },
    close() {
      closed = true;
      desk = undefined;
      return Promise.resolve();
    },
  };
}

/** Starts a worker thread running `script`. It keeps the process alive only while it has jobs. */
export function openWorkerBench(script = new URL('./worker.js', import.meta.url)): Bench {
  return openThread<Jobs>(script, { closed: closedError, died: diedError });
}

function closedError(): GradcamError {
  return new GradcamError({
    code: 'studio-closed',
    what: 'a picture was asked for after the studio had been closed',
    exitCode: 2,
  });
}

function diedError(found: string, cause?: unknown): GradcamError {
  return new GradcamError({
    code: 'worker-died',
    what: 'a thread that draws overlays has ended unexpectedly',
    found,
    hint: 'other pictures go on; if it happens again, use smaller pictures or give the process more memory',
    exitCode: 2,
    cause,
  });
}
