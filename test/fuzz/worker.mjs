// Loads damaged models of one format, one after the other, as a command would: to the layers, and opened by the engine where
// `--deep`. Prints a line of JSON before and after each. A process of its own, so that a crash, a hang or its memory is seen.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gradcam } from '../../dist/cam/methods/gradcam.js';
import { chooseEngine } from '../../dist/engine/engines.js';
import { openRun, prepareModel } from '../../dist/runs.js';
import { cases } from './cases.mjs';
import { randomFrom } from './mutations.mjs';

const [format, seed, from, to, folder, deep] = process.argv.slice(2);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

for (let index = Number(from); index < Number(to); index++) {
  const random = randomFrom(Number(seed) * 1_000_003 + index);
  const root = join(folder, String(index));
  const [inner, canary] = [join(root, 'run'), join(root, 'canary')];
  const { name, files, links = {}, outside = {}, mustFail = false } = cases[format](random, canary);
  for (const [place, list] of [
    [inner, files],
    [join(root, 'outside'), outside],
  ]) {
    mkdirSync(place, { recursive: true });
    for (const [file, bytes] of Object.entries(list)) {
      mkdirSync(dirname(join(place, file)), { recursive: true });
      writeFileSync(join(place, file), bytes);
    }
  }
  for (const [link, target] of Object.entries(links)) symlinkSync(target, join(inner, link));
  say({ index });
  const started = performance.now();
  const result = await attempt(join(inner, name));
  const ran = existsSync(canary);
  const bad = ran ? 'code ran' : mustFail && result.code === 'model' ? 'read outside its folder' : result.bad;
  say({ index, ...result, bad, ms: performance.now() - started, mb: process.resourceUsage().maxRSS / 1024 });
  if (bad === undefined) rmSync(root, { recursive: true, force: true });
}

/** `model` where it loads, else the code of the error; `bad` for anything but an error that a user can understand. */
async function attempt(path) {
  try {
    if (deep === 'deep') {
      const run = await openRun(path, 'run', {
        batch: 1,
        methods: [gradcam],
        engine: await chooseEngine('cpu'),
        threads: 1,
        voting: false,
      });
      const { size } = run.prepared.prepare;
      if (size[0] * size[1] < 2 ** 20)
        await run.infer([new Float32Array(run.prepared.model.input.channels * size[0] * size[1])], [0]);
      await run.close();
    } else await prepareModel(path, { batch: 1 });
    return { code: 'model' };
  } catch (error) {
    if (error?.name === 'GradcamError' && error.exitCode === 1) return { code: error.code };
    return { code: 'bug', bad: String(error?.stack ?? error).slice(0, 600) };
  }
}
