// 1,000 damaged files of each format through the loaders: a model or a clear error every time, never a crash, a hang, code run,
// or more than 2 GB of memory. `npm run build` first.
//   node test/fuzz/run.mjs [--count 1000] [--seed 1] [--format onnx]... [--deep]
// Exit code 1 when anything else came of it; the files are then kept and named.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';

/** Milliseconds after which a file counts as one that hangs, and megabytes that no file may take. */
const [PATIENCE, MEMORY] = [60_000, 2048];

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string', multiple: true, default: Object.keys(cases) },
    deep: { type: 'boolean', default: false },
  },
});

/** One process for files `from`..; ends early with the index it died at. */
function batch(format, from, folder, onResult) {
  const worker = new URL('./worker.mjs', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [worker, format, values.seed, String(from), values.count, folder, values.deep ? 'deep' : ''],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let current = null;
  let errors = '';
  let hung = false;
  let timer;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, PATIENCE);
  };
  watch();
  child.stderr.on('data', (text) => (errors = `${errors}${text}`.slice(-600)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    watch();
    const said = JSON.parse(line);
    if (said.code === undefined) current = said.index;
    else {
      current = null;
      onResult(said);
    }
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      // Not while it loaded a file: the harness itself is at fault.
      if (current === null && code !== 0) throw new Error(`The worker ended with ${signal ?? code}: ${errors}`);
      if (current === null) resolve(null);
      else
        resolve({
          index: current,
          bad: hung ? `no answer in ${PATIENCE / 1000} s` : `ended with ${signal ?? code}: ${errors}`,
        });
    });
  });
}

let failures = 0;
for (const format of values.format) {
  const folder = mkdtempSync(join(tmpdir(), 'gradcam-fuzz-'));
  const codes = {};
  let [slowest, highest, failed] = [0, 0, 0];
  const complain = (index, bad) => {
    failed++;
    process.stdout.write(`  ${format} ${index}: ${bad}\n  kept in ${join(folder, String(index))}\n`);
  };
  const started = performance.now();
  for (let from = 0; from < Number(values.count);) {
    const death = await batch(format, from, folder, ({ index, code, bad, ms, mb }) => {
      codes[code] = (codes[code] ?? 0) + 1;
      slowest = Math.max(slowest, ms);
      highest = Math.max(highest, mb);
      if (bad !== undefined) complain(index, bad);
    });
    if (death === null) break;
    complain(death.index, death.bad);
    from = death.index + 1;
  }
  if (highest > MEMORY) complain('all', `${highest.toFixed(0)} MB of memory`);
  const counts = Object.entries(codes)
    .sort((a, b) => b[1] - a[1])
    .map(([code, count]) => `${code} ${count}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(
    `${format}: ${counts.join(', ')}; slowest ${slowest.toFixed(0)} ms, at most ${highest.toFixed(0)} MB, ${seconds} s\n`,
  );
  failures += failed;
  if (failed === 0) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;
