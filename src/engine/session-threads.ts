// Threads with a session each, some of them started before there is a program for them: they load the runtime meanwhile.
import { GradcamError } from '../lib/errors.ts';
import { openThread, type Thread } from '../lib/threads.ts';
import { blockSize } from './block-size.ts';
import type { SessionJobs } from './session-jobs.ts';

export type SessionThread = Thread<SessionJobs>;

/** Workers need this file compiled: under a TypeScript runner sessions stay in the calling thread. */
export const canThread = !import.meta.url.endsWith('.ts');

export class SessionThreads {
  readonly #ahead: ((name: string) => SessionThread)[];

  /** @param ahead - how many to start at once; they do not keep the process alive */
  constructor(ahead: number) {
    this.#ahead = canThread ? Array.from({ length: ahead }, startThread) : [];
    const thread = this.#ahead[0]?.('the size of blocks');
    if (thread !== undefined) void blockSize(() => thread.run('block', null)); // loads the runtime, too
  }

  /** A thread for the program called `name`, which is its taker's to close. */
  take(name: string): SessionThread {
    return (this.#ahead.shift() ?? startThread())(name);
  }

  /** Ends those that nobody took. */
  async close(): Promise<void> {
    await Promise.all(this.#ahead.splice(0).map((take) => take('nothing').close()));
  }
}

/** The thread is there at once; what it runs is told when it is taken. */
function startThread(): (name: string) => SessionThread {
  let name = 'a model';
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
  return (taken) => {
    name = taken;
    return thread;
  };
}
