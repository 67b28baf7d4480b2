// gradcam evaluate as users run it, on the runs and samples that ship: 14 drawn pictures with labels.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCsv } from '../src/lib/csv.ts';
import { confusionMatrix, classificationScores } from '../src/metrics/predictions/confusion.ts';
import type { Evaluation, EvaluationRun } from '../src/report/evaluation/evaluation.ts';
import type { Report } from '../src/report/report.ts';
import { gradcam } from './commands/compiled.ts';
import { temporaryFolder } from './lib/temporary-folder.ts';

const RUNS = ['runs/ce', 'runs/focal', 'runs/ldam', 'runs/lmf'];

function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

test('four runs on the samples: numbers, files, and the report that shows them', async () => {
  const { path: out } = temporaryFolder();
  const { code, stdout, stderr } = await gradcam([
    'evaluate',
    '--models',
    ...RUNS,
    '--data',
    'samples',
    '--out',
    out,
    '--json',
  ]);
  expect(stderr).toContain('Only 14 pictures');
  expect(code).toBe(0);
  const runs = JSON.parse(stdout) as EvaluationRun[];
  expect(runs.map(({ run }) => run)).toEqual(['ce', 'focal', 'ldam', 'lmf']);
  for (const one of runs) {
    for (const name of ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1'] as const) {
      expect(one[name]).toBeGreaterThan(0.5);
      const [low, high] = one.intervals[name]!;
      expect([low <= one[name], one[name] <= high]).toEqual([true, true]);
    }
    expect(one.perClass.map((scores) => scores.class)).toEqual(['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc']);
  }
  const written = readJson<Evaluation>(out, 'evaluation.json');
  expect(written.runs).toEqual(runs);
  expect(written.tests!.pairs).toHaveLength(6);
  expect(readdirSync(out).sort()).toEqual(
    [
      'confusion.csv',
      'differences.csv',
      'evaluation.json',
      'metrics.csv',
      'per-class.csv',
      'predictions.csv',
      'tables.tex',
    ].sort(),
  );

  // The predictions on disk give the numbers that are told.
  const rows = parseCsv(readFileSync(join(out, 'predictions.csv'), 'utf8'), 'predictions.csv').map(
    ({ cells }) => cells,
  );
  expect(rows).toHaveLength(1 + 4 * 14);
  const { classes } = written.data;
  for (const one of runs) {
    const own = rows.filter(([run]) => run === one.run);
    const [labels, predicted] = [3, 4].map((column) => own.map((cells) => classes.indexOf(cells[column]!)));
    const scores = classificationScores(confusionMatrix(labels!, predicted!, classes.length));
    expect(scores.accuracy).toBe(one.accuracy);
    expect(scores.macro.f1).toBe(one.f1);
    for (const cells of own) expect(cells.slice(8).reduce((sum, p) => sum + Number(p), 0)).toBeCloseTo(1, 6);
  }

  const pictures = ['--images', 'samples/SYN_0001.jpg', '--out', out, '--quiet'];
  expect((await gradcam(['compare', '--models', ...RUNS, ...pictures])).code).toBe(0);
  expect(readJson<Report>(out, 'report.json').evaluation).toEqual(written);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('id="evaluation"');
});

test('folders of splits, another class order, a broken picture, a run that trained on the pictures', async () => {
  const { path } = temporaryFolder();
  const [data, run] = [join(path, 'data'), join(path, 'ce-s1')];
  const labels = parseCsv(readFileSync('samples/labels.csv', 'utf8'), 'labels.csv').slice(1);
  for (const [index, { cells }] of labels.entries()) {
    const folder = join(data, index % 2 === 0 ? 'test' : 'train', cells[1]!);
    mkdirSync(folder, { recursive: true });
    copyFileSync(`samples/${cells[0]!}.jpg`, join(folder, `${cells[0]!}.jpg`));
  }
  writeFileSync(join(data, 'test/nv/broken.jpg'), 'no picture');
  mkdirSync(run);
  copyFileSync('runs/ce/model.onnx', join(run, 'model.onnx'));
  const spec = readJson<Record<string, unknown> & { classes: string[] }>('runs/ce/run.json');
  writeFileSync(
    join(run, 'run.json'),
    JSON.stringify({ ...spec, name: null, seed: null, classes: spec.classes.map((name) => name.toUpperCase()) }),
  );
  writeFileSync(join(run, 'split.csv'), 'id,path,label,group,split\nSYN_0001,x,akiec,,train\nSYN_0003,x,bcc,,test\n');
  const args = ['--models', 'runs/ce', run, '--data', data, '--out', join(path, 'out'), '--bootstrap', '100'];
  const { code, stdout, stderr } = await gradcam(['evaluate', ...args]);
  expect(code).toBe(0);
  expect(stderr).toContain('broken.jpg');
  expect(stderr).toContain('was trained on 1 of the 7 pictures');
  expect(stdout).toContain('2 runs on 7 pictures, 7 classes');
  expect(stdout).toContain('split test (the data has it); 1 skipped');
  const { runs, seeds } = readJson<Evaluation>(path, 'out/evaluation.json');
  expect(runs[1]!.confusion).toEqual(runs[0]!.confusion); // matched by name, whatever its case
  expect(seeds!.groups).toMatchObject([{ loss: 'ce', runs: ['ce', 'ce-s1'], seeds: [0, 1] }]);
});

test('what is wrong is told', async () => {
  const { path } = temporaryFolder();
  const base = ['evaluate', '--models', 'runs/ce', '--out', join(path, 'out')];
  const none = await gradcam([...base, '--data', join(path, 'nowhere')]);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('there is nothing at') as string]);
  const split = await gradcam([...base, '--data', 'samples', '--split', 'val']);
  expect([split.code, split.stderr]).toEqual([1, expect.stringContaining('is in the split val') as string]);
  const missing = await gradcam(['evaluate', '--models', 'runs/ce']);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('--data is missing') as string]);
});
