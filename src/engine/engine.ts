// The seam of engines: what runs a program. Chosen at call time, never at import.
import type { Feeds, Program, Tensor } from '../program/feeds.ts';
import type { SessionThreads } from './session-threads.ts';

export interface Session {
  /**
   * `into`: arrays that results of these names may be written to, instead of new ones. Only what is returned counts: an
   * engine may leave them alone.
   */
  readonly run: (feeds: Feeds, into?: Feeds) => Promise<Record<string, Tensor>>;
  readonly close: () => Promise<void>;
}

export interface EngineOptions {
  /** Threads for one run; undefined: as many as there are cores. */
  readonly threads?: number | undefined;
  /** Other sessions are to run at the same time: this one then gets a JavaScript thread of its own, where the engine allows. */
  readonly besideOthers?: boolean | undefined;
  /** The program is a step of training: thousands of nodes, of which hundreds of megabytes wait for their gradient. */
  readonly training?: boolean | undefined;
  /** Pictures that are to come, so that what takes its time once is done where it pays off; undefined: many. */
  readonly pictures?: number | undefined;
  /** Told after each run when the engine began and ended to compute, in milliseconds of `sharedNow`. */
  readonly onRun?: ((began: number, ended: number) => void) | undefined;
  /** Threads that wait for sessions: taken before others are started. */
  readonly waiting?: SessionThreads | undefined;
}

export interface Engine {
  readonly id: string;
  readonly title: string;
  /** Order in which `auto` tries engines, least first; null: only when asked for. */
  readonly priority: number | null;
  /** true, or why not and what would help. */
  available(): Promise<true | string>;
  open(program: Program, options: EngineOptions): Promise<Session>;
}

/** The same engine, with these options at every session that does not name others. */
export function engineWith(engine: Engine, always: Pick<EngineOptions, 'onRun' | 'waiting' | 'pictures'>): Engine {
  return {
    ...engine,
    available: () => engine.available(),
    open: (program, options) => engine.open(program, { ...always, ...options }),
  };
}
