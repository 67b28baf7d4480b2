// Every job that the datasets room gives to workers: what goes in, what comes out, how it is done.
import type { Handlers } from '../lib/serve-jobs.ts';
import { makeBatch, type BatchJob, type BatchResult } from './batch-job.ts';
import { drawToDisk, type DrawJob } from './demo/draw-job.ts';
import type { Drawn } from './demo/draw.ts';

export type Jobs = {
  batch: { input: BatchJob; output: BatchResult };
  draw: { input: DrawJob; output: Drawn['facts'] };
};

export const handlers: Handlers<Jobs> = { batch: makeBatch, draw: drawToDisk };
