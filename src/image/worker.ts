// A thread with a desk. Pixels stay here.
import type { TransferListItem } from 'node:worker_threads';
import { serveJobs } from '../lib/serve-jobs.ts';
import { openDesk, type JobKind, type Jobs } from './desk.ts';

serveJobs<Jobs>(openDesk(), buffersOf, { urgent: ['load', 'prepare'] }); // pictures that the engine waits for

/** Memory handed over instead of copied. */
function buffersOf(output: Jobs[JobKind]['output']): TransferListItem[] {
  if (output === null || output instanceof Uint8Array) return [];
  if ('data' in output) return [plain(output.data.buffer)];
  if (!('inputs' in output)) return [];
  return [...new Set(output.inputs.map((input) => plain(input.data.buffer)))];
}

function plain(buffer: ArrayBufferLike): ArrayBuffer {
  if (buffer instanceof ArrayBuffer) return buffer;
  throw new TypeError('pixels in shared memory');
}
