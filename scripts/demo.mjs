// npm run demo: draws the synthetic demo set, trains CE, Focal, LDAM and LMF on it and opens the report that compares them.
// Sized for a few minutes on two cores; `npm run demo -- --full` takes the whole recipe (3000 pictures, 128 pixels, 18 epochs).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isFull = process.argv.includes('--full');
const isOpened = !process.argv.includes('--no-open');
const name = isFull ? 'demo-full' : 'demo';
const data = join('out', name, 'data');
const runs = join('out', name, 'runs');
const report = join('out', name, 'report');

gradcam([
  ...['train', '--dataset', 'demo', '--data', data, '--recipe', 'demo', '--loss', 'ce,focal,ldam,lmf'],
  ...(isFull ? [] : ['--demo-train', '700', '--demo-per-class', '12', '--demo-size', '64', '--size', '64']),
  ...(isFull ? [] : ['--epochs', '8', '--batch', '32']),
  ...['--out', runs, '--resume'],
]);
gradcam([
  ...['compare', '--models', ...['ce', 'focal', 'ldam', 'lmf'].map((loss) => join(runs, loss))],
  ...['--images', ...firstOfEachClass(join(data, 'test'), 2), '--masks', join(data, 'masks'), '--out', report],
  ...(isOpened ? ['--open'] : []),
]);

/** By rule the first pictures of each class, chosen before any map is seen. */
function firstOfEachClass(folder, count) {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((label) =>
      readdirSync(join(root, folder, label))
        .sort()
        .slice(0, count)
        .map((file) => join(folder, label, file)),
    );
}

function gradcam(args) {
  const command = join(root, 'bin', 'gradcam.js');
  if (!existsSync(command)) throw new Error(`there is no ${command}`);
  process.stderr.write(`\n$ gradcam ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [command, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
