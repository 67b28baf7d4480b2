// The trace under way: where kernels record, whoever calls them.
import { GradcamError } from '../lib/errors.ts';
import type { Recorder } from './recorder.ts';

let current: Recorder | null = null;

/** The recorder of the trace under way, null outside one. */
export const recorderOrNone = (): Recorder | null => current;

/** The recorder of the trace under way. Throws GradcamError `trace-over` outside one. */
export function recorderNow(): Recorder {
  if (current === null) throw fromAnotherTrace();
  return current;
}

/** Runs `record` with a recorder in place; the one before is in place again afterwards, also when `record` throws. */
export function recordingInto<T>(recorder: Recorder, record: () => T): T {
  const before = current;
  current = recorder;
  try {
    return record();
  } finally {
    current = before;
  }
}

export function fromAnotherTrace(): GradcamError {
  return new GradcamError({
    code: 'trace-over',
    what: 'A TensorFlow.js tensor was used after the trace that it belongs to.',
    hint: 'Read what a trace builds from the graph that it returns.',
    exitCode: 2,
  });
}
