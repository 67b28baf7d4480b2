// A desk seen from the thread that gives the jobs: in a worker, or here. The only file that starts threads.
import { Worker } from 'node:worker_threads';
import { GradcamError, messageOf } from '../lib/errors.ts';
import type { Desk, JobKind, Jobs } from './desk.ts';
import { farewell, unpackError, type Answer, type Request } from './wire.ts';

export interface Bench {
  /** Jobs not yet answered. */
  waiting(): number;
  /** false once its thread has died, and its pictures with it. */
  alive(): boolean;
  run<K extends JobKind>(kind: K, input: Jobs[K]['input']): Promise<Jobs[K]['output']>;
  /** Waits for the answers, then ends the thread. */
  close(): Promise<void>;
}

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

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a worker thread running `script`. It keeps the process alive only while it has jobs. */
export function openWorkerBench(script = new URL('./worker.js', import.meta.url)): Bench {
  const worker = new Worker(script, { execArgv: [] }); // flags of the process may be none for a thread (--input-type)
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let ended: GradcamError | null = null;
  let closed = false;

  const end = (reason: GradcamError): void => {
    ended ??= reason;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (answer: Answer) => {
    const { id } = answer;
    const job = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0 && !closed) worker.unref(); // while it closes, its end is waited for
    if ('failure' in answer) job?.reject(unpackError(answer.failure));
    else job?.resolve(answer.output as never);
  });
  worker.on('error', (error) => end(diedError(messageOf(error), error)));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      end(closed ? closedError() : diedError(`it ended with code ${code}`));
      resolve();
    });
  });
  worker.unref(); // last: a listener for messages holds the process again

  return {
    waiting: () => waiting.size,
    alive: () => ended === null,
    run(kind, input) {
      if (ended !== null || closed) return Promise.reject(ended ?? closedError());
      const request: Request = { id: count++, kind, input };
      return new Promise((resolve, reject) => {
        worker.postMessage(request); // throws where the input cannot be copied: then nothing waits
        waiting.set(request.id, { resolve, reject });
        worker.ref();
      });
    },
    async close() {
      if (!closed && ended === null) {
        worker.ref();
        worker.postMessage(farewell);
      }
      closed = true;
      await exited;
    },
  };
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
