// Figures of a report on disk: sizes, letters, pixels, words.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFigure } from '../../src/figure.ts';
import { mapPanel } from '../../src/figure/panels.ts';
import { venues } from '../../src/figure/venues.ts';
import { blendOverlay } from '../../src/image/blend.ts';
import type { Picture } from '../../src/image/picture.ts';
import type { FigureSpec } from '../../src/figure/options.ts';
import type { Report } from '../../src/report/report.ts';
import { exampleMap, examplePicture, gridReport, writeExample } from '../report/on-disk.ts';
import { hostileTexts } from '../report/example.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-figure-'));
  await writeExample(folder, gridReport(4));
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
  // The samples' own files are the pictures beside the report.
  const samples = await Promise.all(
    report.samples.map(async (sample) => {
      const path = join(folder, sample.picture ?? '');
      return {
        ...sample,
        path,
        sha256: createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      };
    }),
  );
  await writeFile(join(folder, 'report.json'), JSON.stringify({ ...report, samples }));
});
afterAll(() => rm(folder, { recursive: true }));

const make = (more: Partial<FigureSpec>) => makeFigure({ report: folder, samples: 's02', dpi: 72, ...more });
const text = async (name: string): Promise<string> => (await readFile(join(folder, name))).toString('latin1');
const same = (a: Picture, b: Picture): boolean => Buffer.from(a.rgba).equals(Buffer.from(b.rgba));
const millimetres = (points: number): number => (points * 25.4) / 72;

describe('sizes', () => {
  it('of all venues are exact to 0.1 mm', async () => {
    for (const { id, width } of Object.values(venues)) {
      const { files, height } = await make({ venue: id, out: join(folder, id), format: ['pdf', 'svg', 'tex'] });
      expect(files.map((file) => file.slice(folder.length + 1))).toEqual(
        ['.pdf', '.svg', '.tex', '.bib'].map((suffix) => `${id}${suffix}`),
      );
      const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(await text(`${id}.pdf`));
      expect(Math.abs(millimetres(Number(box?.[1])) - width)).toBeLessThan(0.01);
      expect(Math.abs(millimetres(Number(box?.[2])) - height)).toBeLessThan(0.01);
      expect(await text(`${id}.svg`)).toContain(`width="${width}mm"`);
      expect(await text(`${id}.tex`)).toContain(`width=${width}mm`);
    }
  });

  it('of a PNG are in its pixels and its dots per inch', async () => {
    for (const venue of ['ieee1', 'elsevier2'] as const) {
      const { files, dpi } = await make({ venue, dpi: undefined, out: join(folder, `${venue}.png`) });
      const { width = 0, density = 0 } = await sharp(files[0]).metadata();
      expect(density).toBe(dpi);
      expect(Math.abs((width / dpi) * 25.4 - venues[venue].width)).toBeLessThan(0.05);
    }
  });
});

describe('letters', () => {
  it('are a subset of the typeface in PDF, outlines in SVG', async () => {
    await make({ out: join(folder, 'letters'), format: ['pdf', 'svg'] });
    const pdf = await text('letters.pdf');
    expect(pdf.match(/\/FontFile2/g)).toHaveLength(2);
    const fonts = Array.from(pdf.matchAll(/\/BaseFont \/(\S+)/g), ([, name]) => name ?? '');
    expect(fonts.filter((name) => !/^[A-Z]{6}(\+|#2B)Arimo-(Bold|Regular)$/.test(name))).toEqual([]);
    expect(await text('letters.svg')).not.toContain('<text');
  });

  it('that the typeface has not are told, and any text is drawn as text', async () => {
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
    const names = [...hostileTexts, '日本語'];
    const samples = report.samples
      .slice(0, 2)
      .map((sample, i) => ({ ...sample, id: names[i + 1]!, label: names[9 + i]! }));
    const cells = report.cells.slice(0, 6).map((cell, i) => ({
      ...cell,
      sample: samples[Math.floor(i / 3)]!.id,
      predicted: { index: 0, name: names[(i * 2 + 4) % names.length]!, probability: 0.5 },
    }));
    const runs = report.runs.map((run, i) => ({
      ...run,
      name: names[[0, 8, 10][i]!]!,
      layer: { ...run.layer, name: names[4]! },
    }));
    await writeFile(join(folder, 'hostile.json'), JSON.stringify({ ...report, samples, cells, runs }));
    const { warnings, height } = await makeFigure({
      dpi: 72,
      report: join(folder, 'hostile.json'),
      out: join(folder, 'hostile'),
      command: 'gradcam \n\\input{x}',
    });
    expect(warnings.join('\n')).toMatch(/the typeface has no 👩/u);
    expect(warnings.join('\n')).toMatch(/cut for want of room/);
    expect(height).toBeLessThan(200);
    const svg = await readFile(join(folder, 'hostile.svg'), 'utf8');
    expect(svg).not.toMatch(/<script|<img|onerror="/);
    expect((await sharp(join(folder, 'hostile.png')).metadata()).width).toBe(516);
    expect(await text('hostile.tex')).toContain('gradcam  \\input{x}'); // in a comment, on its line
  });
});

describe('panels', () => {
  const size = { width: 96, height: 64 };
  const source = {
    sample: gridReport(1).samples[0]!,
    picture: examplePicture(96, 64, 0),
    mask: null,
    crop: { x: 0, y: 0, width: 1, height: 1 },
  };
  const scaled = { map: exampleMap(3), place: { x: 0, y: 0, width: 1, height: 1 }, top: 0.01 };
  const look = {
    show: 'overlay',
    scale: 'per-map',
    colormap: 'viridis',
    alpha: 0.5,
    smooth: true,
    threshold: 0,
    contours: false,
    signed: false,
    mask: false,
  } as const;
  const overlay = blendOverlay({
    picture: source.picture,
    heatmap: scaled.map,
    placement: { x: 0, y: 0, ...size },
    scaleMax: 0.01,
    colormap: 'viridis',
    alpha: 0.5,
  });

  it('at the picture’s own size are the overlay on disk', async () => {
    const { picture } = await mapPanel(source, scaled, look, size);
    expect(same(picture, overlay)).toBe(true);
  });

  it('of a part are that part of it', async () => {
    const part = { ...source, crop: { x: 0.25, y: 0.5, width: 0.5, height: 0.5 } };
    const { picture } = await mapPanel(part, scaled, look, { width: 48, height: 32 });
    let worst = 0;
    for (let y = 0; y < 32; y++)
      for (let x = 0; x < 48 * 4; x++)
        worst = Math.max(worst, Math.abs(picture.rgba[y * 192 + x]! - overlay.rgba[(y + 32) * 384 + 96 + x]!));
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('hide what lies under the threshold', async () => {
    const { picture } = await mapPanel(source, { ...scaled, top: 1e9 }, { ...look, threshold: 0.5 }, size);
    expect(same(picture, source.picture)).toBe(true);
  });
});

describe('figures', () => {
  it('say how samples were chosen, what the scale is, and how many there are', async () => {
    const { caption, samples, selection } = await make({
      samples: 'disagreement:2',
      scale: 'mass',
      columns: ['input', 'run0', 'lmf', 'lmf-vs-CE'],
      rows: 'runs',
      mask: true,
      crop: 'mask:0.1',
      contours: true,
      format: ['svg'],
    });
    expect(samples).toEqual(['s01', 's04']);
    expect(selection).toBe('2 of 4 samples on whose class the runs disagree most');
    for (const part of [
      'Grad-CAM of the labelled class',
      'at layer layer4 (4 × 6 cells), for CE and LMF.',
      'divided by its sum',
    ])
      expect(caption).toContain(part);
    for (const part of ['Viridis at 50 % opacity', 'outline of the mask', 'Differences are', '(n = 2)'])
      expect(caption).toContain(part);
  });

  it('name maps that are zero everywhere, and those that there are not', async () => {
    expect((await make({ format: ['svg'] })).caption).not.toMatch(/Zero everywhere|Without a map/);
    const { cells, ...report } = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
    const changed = cells.map((cell): Report['cells'][number] => {
      if (cell.sample !== 's02') return cell;
      if (cell.run === 'run0') return { ...cell, range: [0, 0], scaleMax: 0 };
      return { ...cell, map: null, range: null, overlay: null, scaleMax: null, placement: null };
    });
    const other = await mkdtemp(join(tmpdir(), 'gradcam-figure-'));
    await cp(folder, other, { recursive: true });
    await writeFile(join(other, 'report.json'), JSON.stringify({ ...report, cells: changed }));
    const { caption } = await make({ report: other, format: ['svg'] });
    expect(caption).toContain('Zero everywhere (no positive evidence for the class at this layer): CE of s02.');
    expect(caption).toMatch(/Without a map: .*LMF of s02/);
    await rm(other, { recursive: true });
  });

  it('are the same files whenever they are made', async () => {
    const hash = async (name: string) =>
      createHash('sha256')
        .update(await text(name))
        .digest('hex');
    for (const name of ['once', 'again']) await make({ out: join(folder, name), format: ['pdf', 'svg', 'png'] });
    expect(await hash('once.svg')).toBe(await hash('again.svg'));
    expect(await hash('once.png')).toBe(await hash('again.png'));
    expect(await hash('once.pdf')).toBe(await hash('again.pdf'));
  });

  it('tell what is missing', async () => {
    await expect(make({ columns: ['lfm'] })).rejects.toThrow(/unknown run "lfm"/);
    await expect(make({ width: 30 })).rejects.toThrow(/4 columns do not fit[\s\S]*at least 8 mm[\s\S]*fewer/);
    await expect(makeFigure({ report: join(folder, 'cells.csv') })).rejects.toThrow(/is no report of gradcam/);
    await expect(makeFigure({ report: join(folder, 'nowhere') })).rejects.toThrow(/cannot read/);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
