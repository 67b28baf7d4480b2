// A thread that makes batches and draws pictures.
import type { TransferListItem } from 'node:worker_threads';
import { serveJobs } from '../lib/serve-jobs.ts';
import { handlers, type Jobs } from './jobs.ts';

serveJobs<Jobs>(handlers, buffersOf);

/** Memory handed over instead of copied. */
function buffersOf(output: Jobs[keyof Jobs]['output']): TransferListItem[] {
  if (!('images' in output)) return [];
  const { buffer } = output.images;
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}
