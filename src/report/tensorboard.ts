// A report as TensorBoard logs: one TensorBoard run per column, overlays side by side, numbers over the samples.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBytes, encodeJpeg } from '../image/codec.ts';
import { EventsFile, type LoggedValue } from '../lib/events-file.ts';
import { distinctSafeNames } from '../lib/names.ts';
import { isInside } from './links.ts';
import type { PackedCell, Payload } from './payload.ts';
import type { Report, ReportCell, ReportRun } from './report.ts';
import { shortText } from './words.ts';

/** Overlays are logged as JPEG of at most so many pixels a side: TensorBoard holds pictures in memory. */
const maxSide = 640;

/**
 * Writes `<folder>/tensorboard/<run>/events.out.tfevents...`, the step being the sample's place in the report: its overlay
 * under `overlay/<sample>`, so that runs stand side by side, and probability, logit, verdict and the map's numbers.
 * The log of an earlier report there is left alone; TensorBoard shows both.
 */
export async function writeTensorBoard(report: Report, payload: Payload, folder: string): Promise<void> {
  const cells = new Map(report.cells.map((cell) => [JSON.stringify([cell.sample, cell.run, cell.method]), cell]));
  const columns = report.runs.flatMap((run) => report.methods.map((method) => ({ run, method })));
  const names = distinctSafeNames(
    columns.map(({ run, method }) => (report.methods.length > 1 ? `${run.id}.${method.id}` : run.id)),
  );
  for (const [c, { run, method }] of columns.entries()) {
    const file = await EventsFile.create(join(folder, 'tensorboard', names[c]!));
    await file.write(0, [{ kind: 'text', tag: 'run', text: describeRun(run, method.title) }]);
    for (const [row, sample] of report.samples.entries()) {
      const cell = cells.get(JSON.stringify([sample.id, run.id, method.id]));
      if (cell === undefined) continue;
      const overlay = await overlayOf(cell, folder);
      const values = numbersOf(cell, payload.cells[row * columns.length + c] ?? null);
      await file.write(row + 1, overlay === null ? values : [...values, overlay]);
    }
    await file.close();
  }
}

function numbersOf(cell: ReportCell, packed: PackedCell | null): LoggedValue[] {
  const numbers: readonly (readonly [tag: string, value: number | null])[] = [
    ['prediction/probability', cell.predicted?.probability ?? null],
    ['prediction/target_logit', cell.logit],
    ['prediction/correct', cell.correct === null ? null : Number(cell.correct)],
    ['map/max', cell.range?.[1] ?? null],
    ['map/sum', packed?.grid?.[4] ?? null],
    ['map/inside_mask', packed?.inside ?? null],
  ];
  return numbers.flatMap(([tag, value]) => (value === null ? [] : [{ kind: 'scalar', tag, value }]));
}

/** Null where the overlay is missing or cannot be read: the numbers are still worth having. */
async function overlayOf(cell: ReportCell, folder: string): Promise<LoggedValue | null> {
  if (cell.overlay === null || !isInside(cell.overlay)) return null;
  try {
    const picture = await decodeBytes(await readFile(join(folder, cell.overlay)), cell.overlay);
    const shrink = Math.min(1, maxSide / Math.max(picture.width, picture.height));
    return {
      kind: 'image',
      tag: `overlay/${shortText(cell.sample, 200)}`,
      png: await encodeJpeg(picture, { maxSide, quality: 90 }),
      width: Math.round(picture.width * shrink),
      height: Math.round(picture.height * shrink),
    };
  } catch {
    return null;
  }
}

/** Markdown in which nothing that a file named means anything: each text is a code span. */
function describeRun(run: ReportRun, method: string): string {
  const lines = [
    ['run', run.name],
    ['file', run.path],
    ['method', method],
    ['layer', run.layer.name],
    ['loss', run.loss ?? '–'],
    ['logit scale', String(run.logitScale)],
    ['SHA-256', run.sha256],
  ] as const;
  return lines.map(([name, text]) => `- ${name}: \`${text.replaceAll('`', '´')}\``).join('\n');
}
