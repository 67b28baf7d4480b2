import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../../src/lib/npy.ts';
import { packReport, scriptJson, type Payload } from '../../src/report/payload.ts';
import { openModel } from '../../templates/page/model.js';
import { exampleCell, exampleReport, exampleSample, hostileTexts } from './example.ts';

const noise = (i: number): number => ((i * 2654435761) >>> 0) / 2 ** 32;
const map = (seed: number) => Float32Array.from({ length: 35 }, (_, i) => (noise(seed + i) - 0.2) * 0.013);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-payload-'));
  for (const [i, path] of ['maps/a/ce.npy', 'maps/a/lmf.npy', 'maps/b/lmf.npy'].entries()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), encodeNpy(map(100 * i), [5, 7]));
  }
  await mkdir(join(folder, 'maps/b'), { recursive: true });
  await writeFile(join(folder, 'maps/b/ce.npy'), 'no numpy file');
  const mask = Buffer.alloc(96 * 64, 0);
  for (let y = 0; y < 64; y++) mask.fill(255, y * 96, y * 96 + 48);
  await sharp(mask, { raw: { width: 96, height: 64, channels: 1 } })
    .png()
    .toFile(join(folder, 'mask.png'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('packReport and openModel', () => {
  it('carry grids to within float32, through JSON', async () => {
    const { payload, grids } = await packReport(exampleReport(), folder);
    const model = openModel(JSON.parse(scriptJson(payload)) as Payload, grids);
    for (const [row, column, seed] of [
      [0, 0, 0],
      [0, 1, 100],
      [1, 1, 200],
    ] as const) {
      const grid = model.grid(row, column);
      expect([grid?.width, grid?.height]).toEqual([7, 5]);
      for (const [i, value] of map(seed).entries())
        expect(Math.abs((grid?.data[i] ?? NaN) - value)).toBeLessThan(0.013 / 2 ** 24);
      const { max, sum } = model.strengths[2 * row + column] ?? { max: NaN, sum: NaN };
      expect(max).toBeCloseTo(Math.max(...map(seed)), 7);
      expect(sum).toBeCloseTo(
        map(seed).reduce((all, value) => all + Math.max(0, value), 0),
        6,
      );
    }
    expect(model.attention(0)).toBeGreaterThan(0);
  });

  it('leave out a map that cannot be read, and keep what is known of the cell', async () => {
    const { payload, grids } = await packReport(exampleReport(), folder);
    const model = openModel(payload, grids);
    expect(model.grid(1, 0)).toBeNull();
    expect(model.cell(1, 0)).toMatchObject({ predicted: 'nv', target: 'nv', right: true, range: null });
    expect(model.cell(1, 0)?.top).toEqual([
      { name: 'nv', probability: 0.93 },
      { name: 'mel', probability: 0.07 },
    ]);
  });

  it('take outlines and shares from the mask, places from the placement', async () => {
    const samples = [
      exampleSample('a', { mask: join(folder, 'mask.png') }),
      exampleSample('b', { mask: join(folder, 'gone.png') }),
    ];
    const cells = [
      exampleCell('a', 'ce', { placement: { x: 48, y: 0, width: 48, height: 64 } }),
      exampleCell('a', 'lmf'),
      exampleCell('b', 'lmf'),
    ];
    const { payload, grids } = await packReport(exampleReport({ samples, cells }), folder);
    const model = openModel(payload, grids);
    expect(payload.samples.map(({ outline }) => outline !== null)).toEqual([true, false]);
    expect(model.cell(0, 0)).toMatchObject({ inside: 0, place: { x: 0.5, y: 0, width: 0.5, height: 1 } });
    expect(model.cell(0, 1)?.inside).toBeGreaterThan(0.3);
    expect(model.rows[0]?.outside[0]).toBe(1);
    expect(model.cell(1, 1)?.inside).toBeNull();
    expect(model.cell(1, 0)).toBeNull(); // not in the report
  });
});

describe('scriptJson', () => {
  it('holds any text without ending a script', () => {
    const text = scriptJson(hostileTexts);
    expect(text).not.toMatch(/<|\u2028/);
    expect((JSON.parse(text) as string[])[0]).toBe(hostileTexts[0]);
  });
});
