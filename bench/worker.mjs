// Processes that are timed turn by turn: each stays warm and idles while another works.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';

/** A process under the protocol of peers_worker.py; `time` gives milliseconds per run, null where the process has ended. */
export function worker(command, args) {
  const threads = String(cpus().length);
  const env = { ...process.env, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, TQDM_DISABLE: '1' };
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], env });
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async time(batch, runs) {
      child.stdin.write(`${JSON.stringify({ batch, runs })}\n`);
      const { value, done } = await lines.next();
      return done ? null : JSON.parse(value);
    },
    end: () => child.kill(),
  };
}
