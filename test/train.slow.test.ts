// gradcam train as users run it, on small pictures of three colours: a run that is killed at random instants ends as one that
// was not; what fails is told and stops nothing else; the runs are runs for compare.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../src/lib/random.ts';
import { lastFile, readCheckpoint } from '../src/train/checkpoint.ts';
import type { RunSummary } from '../src/train.ts';
import { gradcam } from './commands/compiled.ts';

const SIDE = 32;
const COLOURS = { blue: [60, 60, 200, 12], green: [60, 200, 60, 16], red: [200, 60, 60, 36] } as const;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gradcam-train-'));
  const random = Random.of(0, 'pictures');
  for (const [name, [r, g, b, count]] of Object.entries(COLOURS)) {
    await mkdir(join(folder, 'data', name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const noisy = (level: number): number => Math.min(255, Math.max(0, level + random.between(-90, 90)));
      const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => noisy([r, g, b][at % 3]!));
      const picture = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
      await picture.png().toFile(join(folder, 'data', name, `${i}.png`));
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Small, on one thread: the order of sums then does not change from run to run. */
const base = (out: string, ...more: string[]): string[] => [
  ...['train', '--data', join(folder, 'data'), '--size', String(SIDE), '--batch', '12', '--threads', '1'],
  ...['--augment', 'light', '--out', join(folder, out), ...more],
];
/** `KILLS=20 npx vitest run --project slow test/train.slow.test.ts` for the long run. */
const INTERRUPTIONS = Number(process.env.KILLS ?? 3);

/** Every tensor of the checkpoints, bit by bit, and the models. */
async function expectSame(run: string, wanted: string): Promise<void> {
  const [found, expected] = [await readCheckpoint(lastFile(run)), await readCheckpoint(lastFile(wanted))];
  expect(Object.keys(found!.tensors)).toEqual(Object.keys(expected!.tensors));
  for (const [name, { data }] of Object.entries(expected!.tensors))
    expect(Buffer.from(found!.tensors[name]!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
  expect(readFileSync(join(run, 'model.onnx')).equals(readFileSync(join(wanted, 'model.onnx')))).toBe(true);
}

test('a run killed at random instants and taken up again ends as one that was not', async () => {
  const course = ['--loss', 'lmf', '--epochs', '4', '--ema', '0.9', '--keep-checkpoint', '--quiet'];
  const started = performance.now();
  const whole = await gradcam(base('whole', ...course));
  expect(whole.stderr).toBe('');
  const usual = performance.now() - started;
  const random = Random.of(1, 'kills');
  const wanted = join(folder, 'whole', 'lmf');
  let runs = 0;
  for (let kill = 1; kill <= INTERRUPTIONS; runs++) {
    const out = `killed-${runs}`;
    const run = join(folder, out, 'lmf');
    for (let isFinished = false; !isFinished; kill++) {
      const isSpared = kill > INTERRUPTIONS;
      const after = random.between(0.3, 1) * usual;
      const { code } = await gradcam(base(out, '--resume', ...course), {
        whileRunning: (child) => !isSpared && void setTimeout(() => child.kill('SIGKILL'), after),
      });
      await readCheckpoint(lastFile(run)); // throws for anything but a whole one; there may be none yet
      isFinished = code === 0;
    }
    await expectSame(run, wanted);
  }
});

test('several losses: one fails and stops no other; finished ones are left alone; compare takes them', async () => {
  // Weights for two classes do not fit three.
  const args = base(
    'several',
    '--loss',
    'ce,focal',
    '--epochs',
    '1',
    '--loss-option',
    'focal.classWeights=1,2',
    '--json',
  );
  const first = await gradcam(args);
  expect(first.code).toBe(1);
  const summaries = JSON.parse(first.stdout) as RunSummary[];
  expect(summaries.map(({ run, status }) => [run, status])).toEqual([
    ['ce', 'trained'],
    ['focal', 'failed'],
  ]);
  expect(first.stderr).toContain('the loss was built for another number of classes');
  const saved = await stat(join(folder, 'several', 'ce', 'model.onnx'));
  const again = await gradcam([...base('several', '--loss', 'ce,focal', '--epochs', '1', '--json', '--resume')]);
  const both = JSON.parse(again.stdout) as RunSummary[];
  expect(both.map(({ status }) => status)).toEqual(['finished', 'trained']);
  expect((await stat(join(folder, 'several', 'ce', 'model.onnx'))).mtimeMs).toBe(saved.mtimeMs);
  const longer = await gradcam(base('several', '--loss', 'ce', '--epochs', '2', '--resume'));
  expect([longer.code, longer.stderr]).toEqual([
    1,
    expect.stringContaining('the checkpoint of epoch 1, to go on to 2') as string,
  ]);
  expect((await stat(join(folder, 'several', 'ce', 'model.onnx'))).mtimeMs).toBe(saved.mtimeMs);
  const refused = await gradcam(base('several', '--loss', 'ce', '--epochs', '1'));
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('there are runs already') as string]);

  const out = join(folder, 'report');
  const pictures = [join(folder, 'data', 'red', '0.png'), join(folder, 'data', 'blue', '0.png')];
  const runs = ['ce', 'focal'].map((run) => join(folder, 'several', run));
  const compared = await gradcam(['compare', '--models', ...runs, '--images', ...pictures, '--out', out, '--quiet']);
  expect([compared.code, compared.stderr]).toEqual([0, '']);
  expect(existsSync(join(out, 'report.html'))).toBe(true);
});

test('what follows a layer: frozen layers are computed once, and stay as they were', async () => {
  const init = join(folder, 'several', 'ce', 'model.onnx');
  const args = [
    '--init',
    init,
    '--from',
    'head_conv.act',
    '--epochs',
    '1',
    '--augment',
    'none',
    '--loss',
    'ldam',
    '--json',
  ];
  const first = await gradcam([...base('head'), ...args]);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toContain('frozen layers');
  const second = await gradcam([...base('head'), ...args, '--overwrite']);
  expect(second.stderr).not.toContain('frozen layers');
  const metrics = (text: string) => (JSON.parse(text) as RunSummary[])[0]?.metrics;
  expect(metrics(second.stdout)).toEqual(metrics(first.stdout));
});
