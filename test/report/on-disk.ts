// A report in memory -> the same on disk, with pictures, maps, overlays and masks that exist.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { blendOverlay } from '../../src/image/blend.ts';
import { colormaps } from '../../src/image/colormaps.ts';
import { encodePng } from '../../src/image/png.ts';
import type { Heatmap, Picture } from '../../src/image/picture.ts';
import { encodeNpy } from '../../src/lib/npy.ts';
import { writeReport } from '../../src/report/render.ts';
import type { Report, ReportCell } from '../../src/report/report.ts';
import { exampleCell, exampleReport, exampleRun, exampleSample } from './example.ts';

/** Even noise in 0..1, the same every time. */
export const noise = (i: number): number => ((Math.imul(i + 1, 2654435761) ^ (i >>> 3)) >>> 0) / 2 ** 32;

/** Picture of a sample: a gradient with noise, so that places can be told apart. */
export function examplePicture(width: number, height: number, seed: number): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set([(200 * (i % width)) / width + 55 * noise(i + seed), (200 * i) / (width * height), 120, 255], 4 * i);
  }
  return { width, height, rgba };
}

export function exampleMap(seed: number): Heatmap {
  return {
    width: 6,
    height: 4,
    data: Float32Array.from(
      { length: 24 },
      (_, i) => Math.max(0, noise(seed * 31 + i) - 0.2) * (0.01 + 0.02 * noise(seed)),
    ),
  };
}

/** Samples of alternating classes; the second run is wrong on every third, and predicts otherwise there. */
export function gridReport(rows: number, columns = 3): Report {
  const runs = Array.from({ length: columns }, (_, c) =>
    exampleRun(`run${c}`, {
      name: ['CE', 'Focal', 'LMF', 'LDAM'][c] ?? `run ${c}`,
      layer: { name: 'layer4', shape: [4, 6, 8] },
    }),
  );
  const samples = Array.from({ length: rows }, (_, r) =>
    exampleSample(`s${String(r + 1).padStart(2, '0')}`, {
      picture: `pictures/s${r + 1}.png`,
      label: r % 2 === 0 ? 'mel' : 'nv',
      mask: `masks/s${r + 1}.png`,
    }),
  );
  const cells = samples.flatMap((sample, r) =>
    runs.map((run, c): ReportCell => {
      const wrong = c === 1 && r % 3 === 0;
      const name = wrong ? 'bcc' : (sample.label ?? '');
      const top = [
        { index: 0, name, probability: 0.9 - 0.01 * r },
        { index: 1, name: 'other', probability: 0.05 },
      ];
      const { data } = exampleMap(10 * r + c);
      return exampleCell(sample.id, run.id, {
        target: { index: 0, name: sample.label ?? '' },
        predicted: top[0] ?? null,
        top,
        correct: !wrong,
        logit: 2 + c,
        range: [Math.min(...data), Math.max(...data)],
        scaleMax: Math.max(...data),
      });
    }),
  );
  return exampleReport({ runs, samples, cells });
}

/** Writes everything that `report` names into `folder`, then the report; the path of the page. */
export async function writeExample(
  folder: string,
  report: Report,
  options: { readonly singleFile?: boolean } = {},
): Promise<string> {
  const save = async (path: string, data: Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data);
  };
  for (const [r, sample] of report.samples.entries()) {
    const picture = examplePicture(sample.width, sample.height, r);
    if (sample.picture !== null) await save(sample.picture, encodePng(picture));
    if (sample.mask !== null) await save(sample.mask, await exampleMask(sample.width, sample.height));
    for (const [c, cell] of report.cells.filter((cell) => cell.sample === sample.id).entries()) {
      const map = exampleMap(10 * r + c);
      if (cell.map !== null) await save(cell.map, encodeNpy(map.data, [map.height, map.width]));
      if (cell.overlay === null || cell.placement === null) continue;
      const overlay = blendOverlay({
        picture,
        heatmap: map,
        placement: cell.placement,
        scaleMax: cell.scaleMax ?? 1,
        colormap: colormaps.viridis,
        alpha: report.options.alpha,
      });
      await save(cell.overlay, encodePng(overlay));
    }
  }
  const samples = report.samples.map((sample) =>
    sample.mask === null ? sample : { ...sample, mask: join(folder, sample.mask) },
  );
  await writeReport({ ...report, samples }, folder, { singleFile: options.singleFile ?? false });
  return join(folder, 'report.html');
}

/** Inside: the left half. */
async function exampleMask(width: number, height: number): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 255 : 0));
  return sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}
