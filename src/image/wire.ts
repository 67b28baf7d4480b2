// What crosses between the studio and its workers: jobs one way, answers the other, errors with all their parts.
import { GradcamError, messageOf, type ErrorParts } from '../lib/errors.ts';
import type { JobKind, Jobs } from './desk.ts';

export interface Request<K extends JobKind = JobKind> {
  readonly id: number;
  readonly kind: K;
  readonly input: Jobs[K]['input'];
}

/** The last message to a worker: finish what was asked, then end. */
export const farewell = null;

export type Answer =
  | { readonly id: number; readonly output: Jobs[JobKind]['output'] }
  | { readonly id: number; readonly failure: Failure };

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

export function unpackError({ message, stack, parts }: Failure): Error {
  const error = parts === null ? new Error(message) : new GradcamError(parts);
  if (stack !== undefined) error.stack = stack;
  return error;
}
