// Loaded before a measured command: leaves its peak resident memory, in kilobytes, in the file that the benchmark names.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) process.on('exit', () => writeFileSync(process.env.GRADCAM_BENCH_PEAK, String(process.resourceUsage().maxRSS)));
