// How the cores are shared by several sessions.
import { availableParallelism } from 'node:os';

export interface Share {
  /** Sessions that run at the same time. */
  readonly sessions: number;
  /** Threads of each. */
  readonly threads: number;
}

/** What is lost with each further thread of one session, against another session beside it. */
const LOSS = 0.97;

/**
 * Shares `budget` threads (default: every core) among `runs` models that are all to do the same work. Models side by side
 * with few threads each get more done than one after another with many, as long as no round leaves cores idle: so the
 * number at a time divides the number of runs.
 */
export function shareThreads(runs: number, budget = availableParallelism()): Share {
  let best: Share = { sessions: 1, threads: budget };
  let most = 0;
  for (let sessions = 1; sessions <= Math.min(runs, budget); sessions++) {
    if (runs % sessions !== 0) continue;
    const threads = Math.floor(budget / sessions);
    const done = sessions * threads * LOSS ** (threads - 1);
    if (done < most) continue;
    most = done;
    best = { sessions, threads };
  }
  return best;
}
