// Every job that the datasets room gives to workers: what goes in, what comes out, how it is done.
import type { Handlers } from '../lib/serve-jobs.ts';
import { makeBatch, type BatchJob, type BatchResult } from './batch-job.ts';

export type Jobs = {
  batch: { input: BatchJob; output: BatchResult };
};

export const handlers: Handlers<Jobs> = { batch: makeBatch };
