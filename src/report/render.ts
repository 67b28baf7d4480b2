// Report -> one HTML page: templates filled, style inlined under a strict content security policy, pictures beside it or inside.
// Apart from view.ts because only this file knows templates and markup.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { colormaps } from '../image/colormaps.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { dataUri, fileUrl } from './links.ts';
import type { Report } from './report.ts';
import { reportView, type LegendColors } from './view.ts';

export interface RenderOptions {
  /** The folder that the report's paths are relative to. */
  readonly folder: string;
  /** Pictures inside the page instead of beside it. */
  readonly singleFile: boolean;
}

/** Stops of the legend's gradient: enough that a straight line between two is within rounding of the colormap. */
const legendStops = 64;

/**
 * The page as HTML. Reads templates, and with `singleFile` the pictures; everything in `report` that a user may have named
 * is shown as text, whatever is in it.
 */
export async function renderReport(report: Report, options: RenderOptions): Promise<string> {
  const { page, css } = await loadTemplates();
  const url = options.singleFile
    ? await embedded(report, options.folder)
    : (path: string | null) => (path === null ? null : fileUrl(path));
  const view = reportView(report, { url, colors: legendColors(report.options.colormap) });
  const style = `:root{--columns:${Math.max(1, view.columnCount)}}\n${css}`;
  const policy = [
    "default-src 'none'",
    "img-src 'self' data:",
    `style-src 'sha256-${sha256(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return page({ ...view, style, policy });
}

/** Writes `report.json` and `report.html` into `folder`, each whole or not at all. */
export async function writeReport(
  report: Report,
  folder: string,
  options: { readonly singleFile: boolean },
): Promise<void> {
  await writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  await writeFileAtomic(
    join(folder, 'report.html'),
    await renderReport(report, { folder, singleFile: options.singleFile }),
  );
}

/** The page template with its partials, and the style sheet. Own instance: no partial or helper is shared with the host. */
async function loadTemplates(): Promise<{ page: Handlebars.TemplateDelegate; css: string }> {
  const root = fileURLToPath(new URL('../../templates/', import.meta.url));
  const handlebars = Handlebars.create();
  for (const file of await readdir(join(root, 'partials'))) {
    if (file.endsWith('.hbs'))
      handlebars.registerPartial(basename(file, '.hbs'), await readFile(join(root, 'partials', file), 'utf8'));
  }
  const source = await readFile(join(root, 'report.hbs'), 'utf8');
  const page = handlebars.compile(source, { knownHelpersOnly: true, preventIndent: true });
  return { page, css: await readFile(join(root, 'report.css'), 'utf8') };
}

/** All pictures of the report as data URIs, read one after another to hold few files open. */
async function embedded(report: Report, folder: string): Promise<(path: string | null) => string | null> {
  const uris = new Map<string, string | null>();
  for (const path of [...report.samples.map((sample) => sample.picture), ...report.cells.map((cell) => cell.overlay)]) {
    if (path !== null && !uris.has(path)) uris.set(path, await dataUri(folder, path));
  }
  return (path) => (path === null ? null : (uris.get(path) ?? null));
}

function legendColors(id: string): LegendColors {
  const colormap = Object.values(colormaps).find((candidate) => candidate.id === id) ?? colormaps.viridis;
  const stops = Array.from({ length: legendStops }, (_, i) => {
    const at = 3 * Math.round((i * 255) / (legendStops - 1));
    return `#${Array.from(colormap.rgb.slice(at, at + 3), (value) => value.toString(16).padStart(2, '0')).join('')}`;
  });
  return { title: colormap.title, stops, perceptual: colormap.perceptual };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}
