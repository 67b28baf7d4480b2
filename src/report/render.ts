// Report -> one HTML page: templates filled, style inlined under a strict content security policy, pictures beside it or inside.
// Apart from view.ts because only this file knows templates and markup.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { colormaps } from '../image/colormaps.ts';
import { writeFileAtomic } from '../lib/files.ts';
import { embedPictures } from './embed.ts';
import { fileUrl } from './links.ts';
import { cellsCsv } from './cells-csv.ts';
import { packReport, scriptJson, type Known, type PackedReport } from './payload.ts';
import type { Report } from './report.ts';
import { joinModules } from './script.ts';
import { writeTensorBoard } from './tensorboard.ts';
import { reportView, type LegendColors } from './view.ts';

export interface RenderOptions {
  /** The folder that the report's paths are relative to. */
  readonly folder: string;
  /** Pictures inside the page instead of beside it. */
  readonly singleFile: boolean;
}

/** Files of `templates/style` in the order of the cascade: what is for narrow windows and paper overrides the rest. */
const styles = [
  'base',
  'page',
  'bench',
  'maps',
  'panels',
  'detail',
  'tables',
  'evaluation',
  'trust',
  'narrow',
  'print',
] as const;
/** Stops of the legend's gradient: enough that a straight line between two is within rounding of the colormap. */
const legendStops = 64;

/** Address of a file that the report names, as the page has it; null where it is not shown. */
type AddressOf = (path: string | null) => string | null;

/**
 * The page as HTML. Reads templates, maps and masks, and with `singleFile` the pictures; everything in `report` that a user
 * may have named is shown as text, whatever is in it.
 */
export async function renderReport(report: Report, options: RenderOptions): Promise<string> {
  const url = await addressesOf(report, options);
  return renderPage(report, url, await packReport(report, options.folder, url));
}

async function addressesOf(report: Report, { folder, singleFile }: RenderOptions): Promise<AddressOf> {
  return singleFile ? embedPictures(report, folder) : (path) => (path === null ? null : fileUrl(path));
}

async function renderPage(report: Report, url: AddressOf, { payload, grids }: PackedReport): Promise<string> {
  const { page, css, script } = await loadTemplates();
  const view = reportView(report, { url, colors: legendColors(report.options.colormap) });
  const style = `:root{--columns:${Math.max(1, view.columnCount)}}\n${css}`;
  const policy = [
    "default-src 'none'",
    "img-src 'self' data:",
    `style-src 'sha256-${sha256(style)}'`,
    `script-src 'sha256-${sha256(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return page({ ...view, style, script, policy, data: scriptJson(payload), grids });
}

export interface WriteOptions {
  readonly singleFile: boolean;
  /** Logs for TensorBoard too, in `tensorboard/`. Default: none. */
  readonly tensorboard?: boolean;
  /** What need not be read from disk again. */
  readonly known?: Known;
}

/** Writes `report.json`, `cells.csv` and `report.html` into `folder`, each whole or not at all. */
export async function writeReport(report: Report, folder: string, options: WriteOptions): Promise<void> {
  const { singleFile, tensorboard = false, known } = options;
  const url = await addressesOf(report, { folder, singleFile });
  const packed = await packReport(report, folder, url, known);
  await writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  await writeFileAtomic(join(folder, 'cells.csv'), cellsCsv(report, packed.payload));
  await writeFileAtomic(join(folder, 'report.html'), await renderPage(report, url, packed));
  if (tensorboard) await writeTensorBoard(report, packed.payload, folder);
}

interface Templates {
  readonly page: Handlebars.TemplateDelegate;
  readonly css: string;
  readonly script: string;
}

/** The page template with its partials, style sheet and script. Own instance: nothing is shared with the host's Handlebars. */
async function loadTemplates(): Promise<Templates> {
  const root = fileURLToPath(new URL('../../templates/', import.meta.url));
  const handlebars = Handlebars.create();
  for (const file of await readdir(join(root, 'partials'))) {
    if (!file.endsWith('.hbs')) continue;
    handlebars.registerPartial(basename(file, '.hbs'), await readFile(join(root, 'partials', file), 'utf8'));
  }
  const source = await readFile(join(root, 'report.hbs'), 'utf8');
  const page: Handlebars.TemplateDelegate = handlebars.compile(source, { knownHelpersOnly: true, preventIndent: true });
  return {
    page,
    css: (await Promise.all(styles.map((name) => readFile(join(root, 'style', `${name}.css`), 'utf8')))).join('\n'),
    script: await joinModules(join(root, 'page'), 'main.js'),
  };
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
