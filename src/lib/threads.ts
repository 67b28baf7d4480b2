// Work given to a worker thread and answers taken back, one job after another. The only file that starts threads;
// what runs inside them is serve-jobs.ts.
import { Worker, type TransferListItem } from 'node:worker_threads';
import { GradcamError, messageOf, type ErrorParts } from './errors.ts';

/** Kinds of jobs, with what goes in and what comes out of each. */
export type JobTable = Record<string, { readonly input: unknown; readonly output: unknown }>;

export interface Request {
  readonly id: number;
  readonly kind: string;
  readonly input: unknown;
}

/** The last message to a thread: finish what was asked, then end. */
export const farewell = null;

export type Answer =
  { readonly id: number; readonly output: unknown } | { readonly id: number; readonly failure: Failure };

/** An error as plain data. `parts` where it is a GradcamError. */
export interface Failure {
  readonly message: string;
  readonly stack: string | undefined;
  readonly parts: ErrorParts | null;
}

/** Causes become their text: they may hold what cannot be copied. */
export function packError(error: unknown): Failure {
  const stack = error instanceof Error ? error.stack : undefined;
  if (!(error instanceof GradcamError)) return { message: messageOf(error), stack, parts: null };
  const { cause, ...parts } = error.parts;
  return { message: error.message, stack, parts: cause === undefined ? parts : { ...parts, cause: messageOf(cause) } };
}

function unpackError({ message, stack, parts }: Failure): Error {
  const error = parts === null ? new Error(message) : new GradcamError(parts);
  if (stack !== undefined) error.stack = stack;
  return error;
}

export interface Thread<Jobs extends JobTable> {
  /** Jobs not yet answered. */
  waiting(): number;
  /** false once it has died, and what it held with it. */
  alive(): boolean;
  /** Memory in `handOver` is moved, not copied: it is empty here afterwards. */
  run<K extends keyof Jobs & string>(
    kind: K,
    input: Jobs[K]['input'],
    handOver?: readonly TransferListItem[],
  ): Promise<Jobs[K]['output']>;
  /** Waits for the answers, then ends the thread. */
  close(): Promise<void>;
}

/** What to say when a thread is used after its end, or dies. */
export interface ThreadWords {
  readonly closed: () => GradcamError;
  readonly died: (found: string, cause?: unknown) => GradcamError;
}

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a worker thread running `script`. It keeps the process alive only while it has jobs. */
export function openThread<Jobs extends JobTable>(script: URL, words: ThreadWords): Thread<Jobs> {
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
  worker.on('error', (error) => end(words.died(messageOf(error), error)));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      end(closed ? words.closed() : words.died(`it ended with code ${code}`));
      resolve();
    });
  });
  worker.unref(); // last: a listener for messages holds the process again

  return {
    waiting: () => waiting.size,
    alive: () => ended === null,
    run(kind, input, handOver = []) {
      if (ended !== null || closed) return Promise.reject(ended ?? words.closed());
      const request: Request = { id: count++, kind, input };
      return new Promise((resolve, reject) => {
        worker.postMessage(request, handOver); // throws where the input cannot be copied: then nothing waits
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
