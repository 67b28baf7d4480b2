// What a report leaves for other programs: a table of cells, logs for TensorBoard.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCsv } from '../../src/lib/csv.ts';
import { cellsCsv } from '../../src/report/cells-csv.ts';
import { packReport } from '../../src/report/payload.ts';
import { writeTensorBoard } from '../../src/report/tensorboard.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import type { Report } from '../../src/report/report.ts';
import { exampleCell, exampleReport, hostileReport, hostileTexts } from './example.ts';
import { exampleMap, gridReport, writeExample } from './on-disk.ts';

const noUrl = (): null => null;

it('the table of cells has a line for each, with the numbers of the maps on disk', async () => {
  const { path } = temporaryFolder();
  await writeExample(path, gridReport(2));
  const [header, ...lines] = parseCsv(await readFile(join(path, 'cells.csv'), 'utf8'), 'cells.csv');
  const table = lines.map(({ cells }) => Object.fromEntries(header!.cells.map((name, i) => [name, cells[i]])));
  expect(table).toHaveLength(6);
  const { data } = exampleMap(11); // second sample, second run
  const sum = data.reduce((all, value) => all + Math.max(0, value), 0);
  expect(table[4]).toMatchObject({
    sample: 's02',
    run: 'run1',
    label: 'nv',
    predicted: 'nv',
    correct: 'true',
    logit: '3',
  });
  expect(Number(table[4]?.map_sum)).toBeCloseTo(sum, 6);
  expect(Number(table[4]?.map_max)).toBeCloseTo(Math.max(...data), 9);
  expect(Number(table[4]?.inside_mask)).toBeGreaterThan(0.2);
  expect(table[1]).toMatchObject({ predicted: 'bcc', correct: 'false' });
});

it('the table of cells holds any text, and nothing where nothing is known', async () => {
  const report = hostileReport();
  const { payload } = await packReport(report, temporaryFolder().path, noUrl);
  const rows = parseCsv(cellsCsv(report, payload), 'cells.csv', ',');
  expect(new Set(rows.map(({ cells }) => cells.length))).toEqual(new Set([17]));
  expect(rows.slice(1).map(({ cells }) => cells[0])).toEqual(hostileTexts.flatMap((text) => [text, text, text, text]));
  const unknown = { target: null, predicted: null, logit: null, correct: null, map: null, range: null, scaleMax: null };
  const one = exampleReport({ cells: [exampleCell('a', 'ce', { ...unknown, note: 'NaN' })] });
  const empty = cellsCsv(one, (await packReport(one, '/nowhere', noUrl)).payload).split('\n')[1];
  expect(empty).toBe('a,ce,gradcam,nv,,,,,,,,,,,,,NaN');
});

it('logs one TensorBoard run for each run, its overlays under the names of the samples', async () => {
  const { path } = temporaryFolder();
  await writeExample(path, gridReport(2));
  const report = JSON.parse(await readFile(join(path, 'report.json'), 'utf8')) as Report;
  await writeTensorBoard(report, (await packReport(report, path, noUrl)).payload, path);
  const folder = join(path, 'tensorboard');
  expect((await readdir(folder)).sort()).toEqual(['run0', 'run1', 'run2']);
  const [file = ''] = await readdir(join(folder, 'run1'));
  const text = (await readFile(join(folder, 'run1', file))).toString('latin1');
  expect(text).toContain('overlay/s02');
  for (const tag of ['prediction/probability', 'prediction/target_logit', 'map/inside_mask'])
    expect(text.split(tag)).toHaveLength(3);
  expect(text.split('\xff\xd8\xff')).toHaveLength(3);
});
