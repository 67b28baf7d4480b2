// Makes what ships: samples/ drawn by our generator, and runs/ trained on its demo set by `gradcam train`.
//   npm run build && node scripts/shipped.mjs      (about twenty minutes on two cores)
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawSamples } from '../dist/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const LOSSES = ['ce', 'focal', 'ldam', 'lmf'];
const trained = join('out', 'shipped');

await drawSamples({ folder: 'samples' });
const { status } = spawnSync(
  process.execPath,
  [
    join('bin', 'gradcam.js'),
    ...['train', '--dataset', 'demo', '--data', join(trained, 'data'), '--recipe', 'demo', '--loss', LOSSES.join(',')],
    ...['--threads', '1', '--out', join(trained, 'runs'), '--resume'],
  ],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);
for (const loss of LOSSES) {
  rmSync(join('runs', loss), { recursive: true, force: true });
  mkdirSync(join('runs', loss), { recursive: true });
  for (const file of ['model.onnx', 'run.json', 'history.csv'])
    copyFileSync(join(trained, 'runs', loss, file), join('runs', loss, file));
}
