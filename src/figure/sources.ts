// What a figure is drawn from: the pictures, masks and maps that a report names.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { decodeBytes, decodeMask } from '../image/codec.ts';
import type { Heatmap, Mask, Picture } from '../image/picture.ts';
import { GradcamError } from '../lib/errors.ts';
import { decodeNpy } from '../lib/npy.ts';
import { isInside } from '../report/links.ts';
import type { ReportCell, ReportSample } from '../report/report.ts';

/**
 * The sample's own file where it is still what the report was made of, else the smaller picture beside the report, which is
 * told through `warn`. Throws GradcamError `no-picture` where there is neither.
 */
export async function readPicture(
  sample: ReportSample,
  folder: string,
  warn: (message: string) => void,
): Promise<Picture> {
  try {
    const bytes = await readFile(resolve(sample.path));
    if (createHash('sha256').update(bytes).digest('hex') === sample.sha256)
      return await decodeBytes(bytes, sample.path);
    warn(`${sample.path} has changed since the report was made: the picture beside the report is drawn instead`);
  } catch {
    warn(`${sample.path} cannot be read: the smaller picture beside the report is drawn instead`);
  }
  if (sample.picture !== null && isInside(sample.picture)) {
    const file = join(folder, sample.picture);
    return decodeBytes(await readFile(file).catch(() => new Uint8Array()), file);
  }
  throw new GradcamError({
    code: 'no-picture',
    what: `there is no picture of the sample ${sample.id}`,
    hint: 'make the report again, with its pictures where they are now',
  });
}

/** Null where there is none, or none that can be read. */
export async function readMask(sample: ReportSample): Promise<Mask | null> {
  if (sample.mask === null) return null;
  return decodeMask(resolve(sample.mask)).catch(() => null);
}

/** Null where no map could be made. Throws GradcamError for a file that is missing or damaged. */
export async function readMap(cell: ReportCell, folder: string): Promise<Heatmap | null> {
  if (cell.map === null || !isInside(cell.map)) return null;
  const file = join(folder, cell.map);
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) {
    throw new GradcamError({
      code: 'no-map',
      what: `cannot read the map ${file}`,
      expected: 'the folder maps beside report.json, as gradcam compare wrote it',
      hint: 'move report.json together with its folder, or make the report again',
    });
  }
  const { shape, data } = decodeNpy(bytes, file);
  return { height: shape[0] ?? 0, width: shape[1] ?? 0, data };
}
