// The main job on what ships, against what pytorch-grad-cam recorded on the same runs and samples.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare } from '../src/compare.ts';
import { decodeNpy } from '../src/lib/npy.ts';
import type { Report } from '../src/report/report.ts';
import { correlation, largestDifference, npy } from './arrays.ts';

const RUNS = ['ce', 'focal', 'ldam', 'lmf'];
const fixture = (file: string): string => new URL(`fixtures/demo/${file}`, import.meta.url).pathname;

let out: string;
let report: Report;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'gradcam-test-'));
  report = await compare({ models: RUNS.map((run) => `runs/${run}`), images: ['samples'], out, engine: 'cpu' });
});
afterAll(() => rm(out, { recursive: true, force: true }));

test('every run and sample has a cell, explained for its label', () => {
  expect(report.cells).toHaveLength(56);
  expect(report.skipped).toEqual([]);
  for (const cell of report.cells)
    expect(cell.target?.name).toBe(report.samples.find((sample) => sample.id === cell.sample)?.label);
});

describe.each(RUNS)('%s', (run) => {
  test('raw maps equal pytorch-grad-cam to 1e-4 of the maximum', async () => {
    for (const { id } of report.samples) {
      const ours = await npy(join(out, `maps/${id}/${run}.npy`));
      const theirs = await npy(fixture(`${run}/${id}.npy`));
      expect(ours.shape).toEqual([8, 8]);
      expect(correlation(ours.data, theirs.data)).toBeGreaterThan(0.9999);
      expect(largestDifference(ours.data, theirs.data) / Math.max(...theirs.data)).toBeLessThan(1e-4);
    }
  });

  test('predictions, probabilities and logits equal the recorded ones', async () => {
    const recorded = JSON.parse(await readFile(fixture(`${run}/logits.json`), 'utf8')) as Record<
      string,
      { predicted: string; logits: number[]; targetIndex: number }
    >;
    for (const cell of report.cells.filter((one) => one.run === run)) {
      const reference = recorded[cell.sample]!;
      expect(cell.predicted?.name).toBe(reference.predicted);
      expect(cell.logit).toBeCloseTo(reference.logits[reference.targetIndex]!, 3);
    }
  });
});

test('report.json holds what the call returned, and the page is there', async () => {
  expect(JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(report)));
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('<!doctype html>');
  for (const cell of report.cells) {
    expect((await readFile(join(out, cell.overlay!))).subarray(1, 4).toString()).toBe('PNG');
    const { data } = decodeNpy(await readFile(join(out, cell.map!)), cell.map!);
    expect(cell.range).toEqual([Math.min(...data), Math.max(...data)]);
  }
});

test('runs with normalised heads are warned of, and what is synthetic is said', () => {
  expect(report.warnings.join('\n')).toMatch(/differ in their heads/);
  expect(report.warnings.join('\n')).toMatch(/Synthetic data/);
});

test('what the models saw is drawn where it is asked for, prepared as the command line says', async () => {
  const folder = join(out, 'shown');
  const shown = await compare({
    models: ['runs/ce', 'runs/lmf'],
    images: ['samples/SYN_0001.jpg'],
    out: folder,
    engine: 'cpu',
    showInput: true,
    resize: ['lmf=crop'],
    shortSide: ['lmf=160'],
  });
  expect(shown.options).toMatchObject({ inputs: { lmf: { resize: 'crop', shortSide: 160 } }, showInput: true });
  expect(shown.command).toContain('--resize lmf=crop --short-side lmf=160 --show-input');
  const [ce, lmf] = shown.cells;
  expect(ce?.placement).toEqual({ x: 0, y: 0, width: shown.samples[0]?.width, height: shown.samples[0]?.height });
  expect(lmf?.placement?.x).toBeGreaterThan(0);
  for (const cell of shown.cells) {
    expect(cell.input?.picture).toBe(`inputs/SYN_0001/${cell.run}.png`);
    const png = await readFile(join(folder, cell.input!.picture));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([128, 128]);
    expect(cell.input!.range[0]).toBeLessThan(cell.input!.means[0]!);
  }
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('inputs/SYN_0001/lmf.png');
});

test('a run that is read but then refused is skipped and named, and the others are done as without it', async () => {
  const work = { images: ['samples/SYN_0001.jpg'], engine: 'cpu', method: ['cam'] };
  const told: string[] = [];
  const left = await compare(
    // CAM needs a head of pooling and one linear layer, which normalised heads are not: found out when a run is traced.
    { ...work, models: ['ldam', 'ce', 'focal'].map((run) => `runs/${run}`), out: join(out, 'left') },
    (event) => told.push(event.kind === 'started' ? `${event.what} ${event.total}` : event.kind),
  );
  expect(left.runs.map(({ id }) => id)).toEqual(['ce', 'focal']);
  expect(left.skipped).toEqual([{ path: 'runs/ldam', reason: expect.stringContaining('needs a head') as string }]);
  expect(told.filter((kind) => kind === 'skipped')).toHaveLength(1);
  expect(told).toContain('maps 2');
  const alone = await compare({ ...work, models: ['runs/ce', 'runs/focal'], out: join(out, 'alone') });
  expect(left.cells).toEqual(alone.cells);
  await expect(compare({ ...work, models: ['runs/ldam', 'runs/lmf'], out: join(out, 'none') })).rejects.toMatchObject({
    parts: { code: 'no-models' },
  });
});

test('a first run without class names is explained for the classes that the others name', async () => {
  const folder = join(out, 'nameless');
  await mkdir(folder);
  await cp('runs/ce/model.onnx', join(folder, 'model.onnx'));
  const { classes, ...said } = JSON.parse(await readFile('runs/ce/run.json', 'utf8')) as { classes: string[] };
  await writeFile(join(folder, 'run.json'), JSON.stringify(said));
  const work = { images: ['samples/SYN_0001.jpg', 'samples/SYN_0002.jpg'], engine: 'cpu', target: 'nv' };
  const nameless = await compare({ ...work, models: [folder, 'runs/focal'], out: join(out, 'nameless-out') });
  const named = await compare({ ...work, models: ['runs/ce', 'runs/focal'], out: join(out, 'named-out') });
  const [ours, theirs] = [nameless, named].map(({ cells }) =>
    cells.map(({ target, logit, range }) => ({ target, logit, range })),
  );
  expect(ours).toEqual(theirs);
  expect(nameless.cells.every((cell) => cell.target?.index === classes.indexOf('nv'))).toBe(true);
  await expect(compare({ ...work, target: 'none', models: [folder, 'runs/focal'], out })).rejects.toMatchObject({
    parts: { code: 'unknown-class' },
  });
});

test('every map is measured against its mask, beside baselines', () => {
  const { masks, columns, pairs } = report.mapMetrics;
  expect(masks).toEqual({ usable: 14, empty: 0, missing: 0 });
  expect(pairs).toHaveLength(6);
  for (const { run, metrics } of columns) {
    const own = report.cells.filter((cell) => cell.run === run).map((cell) => cell.metrics!['energy-in-mask']!);
    expect(metrics['energy-in-mask']!.mean).toBeCloseTo(own.reduce((a, b) => a + b, 0) / own.length, 12);
    expect(metrics['energy-in-mask']!.random).toBeGreaterThan(0.1);
    expect(metrics['energy-in-mask']!.centred).toBeGreaterThan(metrics['energy-in-mask']!.random!);
  }
});

test('a map of the reference of similar:FILE says that it is nothing but rounding', async () => {
  const [reference, other] = ['samples/SYN_0001.jpg', 'samples/SYN_0002.jpg'];
  const target = `similar:./${reference}`;
  const similar = await compare({ models: ['runs/ce'], images: [reference, other], target, out, engine: 'cpu' });
  const noteOn = (id: string): string => similar.cells.find((cell) => cell.sample === id)?.note ?? '';
  expect(noteOn('SYN_0001')).toContain('the reference itself');
  expect(noteOn('SYN_0002')).not.toContain('the reference itself');
});
