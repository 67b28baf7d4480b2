// What a command needs of the world, given to it: streams, the library, a signal to stop at. Tests give others.
import type { LoadPart } from './library.ts';

/** A stream that a command writes to; the fields of terminals are absent elsewhere. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Context {
  /** Results. */
  readonly stdout: Output;
  /** Progress, notes, errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  /** Loads a part of the library when a command starts its work: help and wrong options must not wait for it. */
  readonly library: LoadPart;
  /** Aborted by ctrl-C. */
  readonly signal: AbortSignal;
  /** Runs `task` before an interrupted process ends, when the command cannot do it itself any more. */
  readonly atInterrupt: (task: () => void) => void;
}
