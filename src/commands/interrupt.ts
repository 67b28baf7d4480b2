// ctrl-C and its like: the work is asked to stop, what it left is cleaned up, the process ends with the signal's code.
import type { Output } from './context.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Stop = keyof typeof EXIT_CODES;

/** How long the work may take to stop by itself: a batch at work is not cut off. */
const GRACE_MS = 3000;

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Whether a signal has come. */
  readonly isInterrupted: () => boolean;
  readonly atInterrupt: (task: () => void) => void;
  /** Cleans up and ends the process with the code of the signal that came. */
  readonly leave: () => never;
  /** Stops listening. */
  readonly close: () => void;
}

export function listenForInterrupts(stderr: Output): Interrupts {
  const controller = new AbortController();
  const tasks: (() => void)[] = [];
  let stop: Stop | null = null;
  const leave = (): never => {
    for (const task of tasks) task();
    return process.exit(stop === null ? 1 : EXIT_CODES[stop]);
  };
  const onSignal = (name: Stop) => {
    if (stop !== null) leave(); // asked twice: at once
    stop = name;
    stderr.write('\ninterrupted: stopping after the batch at work; once more stops at once\n');
    controller.abort(new Error('interrupted'));
    setTimeout(leave, GRACE_MS); // not unref'ed: work that never settles must not decide the exit code
  };
  const names = Object.keys(EXIT_CODES) as Stop[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    isInterrupted: () => stop !== null,
    atInterrupt: (task) => tasks.push(task),
    leave,
    close: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
