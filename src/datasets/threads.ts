// The workers of this room, or the calling thread where the code is not compiled (under a TypeScript runner).
import { availableParallelism } from 'node:os';
import { openCrew, type Crew } from '../lib/crew.ts';
import { GradcamError } from '../lib/errors.ts';
import type { Jobs } from './jobs.ts';

/** `threads`: default one less than there are cores, at least 1, at most 8; 0: the calling thread. */
export function openWorkers(threads = Math.min(8, Math.max(1, availableParallelism() - 1))): Crew<Jobs> {
  const compiled = !import.meta.url.endsWith('.ts');
  return openCrew<Jobs>({
    script: new URL('./worker.js', import.meta.url),
    threads: compiled ? threads : 0,
    handlers: async () => (await import('./jobs.ts')).handlers,
    words: {
      closed: () =>
        new GradcamError({ code: 'workers-closed', what: 'a batch was asked for after its end', exitCode: 2 }),
      died: (found, cause) =>
        new GradcamError({
          code: 'worker-died',
          what: 'a thread that prepares pictures has ended unexpectedly',
          found,
          hint: 'if it happens again, use smaller batches or give the process more memory',
          exitCode: 2,
          cause,
        }),
    },
  });
}
