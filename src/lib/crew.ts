// Several worker threads that do the same kinds of jobs: each job goes to the one with the least to do.
import type { TransferListItem } from 'node:worker_threads';
import type { Handlers } from './serve-jobs.ts';
import { openThread, type JobTable, type Thread, type ThreadWords } from './threads.ts';

export interface Crew<Jobs extends JobTable> {
  /** Threads; 1 where jobs are done in the calling thread. */
  readonly size: number;
  run<K extends keyof Jobs & string>(
    kind: K,
    input: Jobs[K]['input'],
    handOver?: readonly TransferListItem[],
  ): Promise<Jobs[K]['output']>;
  /** Finishes what was asked and ends the threads. */
  close(): Promise<void>;
}

export interface CrewOptions<Jobs extends JobTable> {
  /** The compiled script of a thread, which calls `serveJobs`. */
  readonly script: URL;
  /** 0: jobs are done in the calling thread by `handlers`, which are loaded with the first one. */
  readonly threads: number;
  readonly handlers: () => Promise<Handlers<Jobs>>;
  readonly words: ThreadWords;
}

/** Opens the threads at once; they keep the process alive only while they have jobs. A thread that died is replaced. */
export function openCrew<Jobs extends JobTable>({ script, threads, handlers, words }: CrewOptions<Jobs>): Crew<Jobs> {
  if (threads < 1) return inlineCrew(handlers, words);
  const all = Array.from({ length: threads }, () => openThread<Jobs>(script, words));
  let closed = false;

  const idlest = (): Thread<Jobs> => {
    const counts = all.map((thread) => thread.waiting());
    const at = counts.indexOf(Math.min(...counts));
    if (!closed && !all[at]!.alive()) all[at] = openThread<Jobs>(script, words);
    return all[at]!;
  };

  return {
    size: threads,
    run: (kind, input, handOver) => idlest().run(kind, input, handOver),
    async close() {
      closed = true;
      await Promise.all(all.map((thread) => thread.close()));
    },
  };
}

function inlineCrew<Jobs extends JobTable>(handlers: () => Promise<Handlers<Jobs>>, words: ThreadWords): Crew<Jobs> {
  let loaded: Promise<Handlers<Jobs>> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    size: 1,
    async run(kind, input) {
      if (closed) throw words.closed();
      loaded ??= handlers();
      const table = await loaded;
      const result = last.then(() => table[kind](input)); // one at a time, as in a thread
      last = result.then(
        () => undefined,
        () => undefined,
      );
      return result;
    },
    async close() {
      closed = true;
      await last;
    },
  };
}
