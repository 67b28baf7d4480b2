// Options of a figure: as a caller gives them -> checked, with every default filled in. Loads nothing heavy.
import { basename, dirname, extname, join } from 'node:path';
import { parseCrop, type Crop } from './crop.ts';
import { formatIds, type FormatId } from './format-ids.ts';
import { shows, type Show } from './look.ts';
import { venueIds, venues, type Venue } from './venues.ts';
import { colormapIds, type ColormapId } from '../image/colormaps.ts';
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';
import { quoteCommand } from '../lib/shell.ts';
import { badOption, flagsOf, requireChoice, requireNumber, requireText } from '../lib/options.ts';
import { scaleIds, type ScaleId } from '../report/scale.ts';

/** What a caller may ask for. Only the report is needed. */
export interface FigureSpec {
  /** report.json, or the folder that it lies in. */
  readonly report: string;
  /** `all`, `random:n[:seed]`, `disagreement:n`, `hard:n`, `per-class:k[:seed]`, ids, or a text file of ids. */
  readonly samples?: string | undefined;
  /** `input`, ids of runs, `a-vs-b` for a difference; default: the picture and all runs. */
  readonly columns?: readonly string[] | undefined;
  /** Only these runs, in this order; as `columns`, with the picture before them. */
  readonly runs?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  /** What the rows are: `samples` (default) or `runs`. */
  readonly rows?: string | undefined;
  /** `none`, `square`, `mask[:margin]` or `x,y,width,height` in shares of the picture. */
  readonly crop?: string | undefined;
  readonly venue?: string | undefined;
  /** Millimetres; default: the venue's, else 181.9. */
  readonly width?: number | undefined;
  readonly dpi?: number | undefined;
  /** Points, 7 or more. */
  readonly fontSize?: number | undefined;
  /** A font file for characters that Arimo has not. */
  readonly font?: string | undefined;
  readonly format?: readonly string[] | undefined;
  /** Default of this and the next two: the report's. */
  readonly scale?: string | undefined;
  readonly colormap?: string | undefined;
  readonly alpha?: number | undefined;
  readonly show?: string | undefined;
  /** `smooth` or `raw`. */
  readonly cells?: string | undefined;
  /** Per cent of the top, 0..95. */
  readonly threshold?: number | undefined;
  readonly contours?: boolean | undefined;
  readonly signed?: boolean | undefined;
  readonly mask?: boolean | undefined;
  /** Of `columns`, `rows`, `cells`; `none`. Default: all. */
  readonly labels?: readonly string[] | undefined;
  /** 1..100: pictures as JPEG of this quality in PDF and SVG; default: without loss. */
  readonly quality?: number | undefined;
  /** Path of the files without their extension; default: `figure` beside the report. */
  readonly out?: string | undefined;
  /** The command line, for the files; made from the options where not given. */
  readonly command?: string | undefined;
}

export const labelPlaces = ['columns', 'rows', 'cells'] as const;
export type LabelPlace = (typeof labelPlaces)[number];

/** Checked options; null where the report decides. */
export interface FigureOptions {
  readonly report: string;
  readonly samples: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly methods: readonly string[] | undefined;
  readonly rows: 'samples' | 'runs';
  readonly crop: Crop;
  readonly width: number;
  readonly wide: boolean;
  readonly dpi: number;
  readonly fontSize: number;
  readonly font: string | undefined;
  readonly formats: readonly FormatId[];
  readonly scale: ScaleId | null;
  readonly colormap: ColormapId | null;
  readonly alpha: number | null;
  readonly show: Show;
  readonly smooth: boolean;
  /** Share of the top. */
  readonly threshold: number;
  readonly contours: boolean;
  readonly signed: boolean;
  readonly mask: boolean;
  readonly labels: readonly LabelPlace[];
  readonly quality: number | null;
  /** Folder and name of the files; undefined: beside the report. */
  readonly out: { readonly folder: string; readonly name: string } | undefined;
  readonly command: string;
}

/** Smaller letters are refused by most venues. */
const leastFontSize = 7;
/** Wider than one column of any venue here. */
const wideFrom = 100;

/** Checks options and fills in defaults. Throws GradcamError `bad-option`, `unknown-venue` and the like. */
export function normalizeFigureOptions(spec: FigureSpec): FigureOptions {
  const venue: Venue | null = spec.venue === undefined ? null : venues[requireChoice('venue', spec.venue, venueIds)];
  const width = requireNumber('width', spec.width ?? venue?.width ?? venues.ieee2.width, 20, 1000);
  const out = outOf(spec.out);
  return {
    report: requireText('report', spec.report),
    samples: spec.samples,
    columns: columnsOf(spec),
    methods: spec.methods,
    rows: requireChoice('rows', spec.rows ?? 'samples', ['samples', 'runs'] as const),
    crop: parseCrop(spec.crop ?? 'none'),
    width,
    wide: venue !== null && spec.width === undefined ? venue.wide : width > wideFrom,
    dpi: requireNumber('dpi', spec.dpi ?? venue?.dpi ?? 300, 72, 2400),
    fontSize: requireFontSize(spec.fontSize ?? venue?.fontSize ?? 8),
    font: spec.font,
    formats: spec.format === undefined ? (out?.formats ?? formatIds) : formatsOf(spec.format),
    scale: spec.scale === undefined ? null : requireChoice('scale', spec.scale, scaleIds),
    colormap: spec.colormap === undefined ? null : requireChoice('colormap', spec.colormap, colormapIds),
    alpha: spec.alpha === undefined ? null : requireNumber('alpha', spec.alpha, 0, 1),
    show: requireChoice('show', spec.show ?? 'overlay', shows),
    smooth: requireChoice('cells', spec.cells ?? 'smooth', ['smooth', 'raw'] as const) === 'smooth',
    threshold: requireNumber('threshold', spec.threshold ?? 0, 0, 95) / 100,
    contours: spec.contours ?? false,
    signed: spec.signed ?? false,
    mask: spec.mask ?? false,
    labels: labelsOf(spec.labels),
    quality: spec.quality === undefined ? null : requireNumber('quality', spec.quality, 1, 100),
    out: out?.place,
    command: spec.command ?? commandOf(spec),
  };
}

function columnsOf({ columns, runs }: FigureSpec): readonly string[] | undefined {
  if (columns !== undefined && runs !== undefined)
    throw badOption('runs', 'either columns or runs, not both', runs.join(','));
  return columns ?? (runs === undefined ? undefined : ['input', ...runs]);
}

function requireFontSize(size: number): number {
  if (size >= leastFontSize && size <= 24) return size;
  throw new GradcamError({
    code: 'bad-option',
    what: 'the option font-size is wrong',
    expected: `letters of ${leastFontSize} to 24 points: smaller ones are refused by most venues`,
    found: `${size} points`,
    hint: 'where words do not fit, choose fewer columns, a wider venue, or --rows runs',
  });
}

function formatsOf(ids: readonly string[]): readonly FormatId[] {
  if (ids.length === 0) throw badOption('format', formatIds.join(', '), ids);
  return [...new Set(ids.map((id) => requireChoice('format', id, formatIds)))];
}

function labelsOf(places: readonly string[] | undefined): readonly LabelPlace[] {
  if (places === undefined) return labelPlaces;
  if (places.length === 1 && places[0] === 'none') return [];
  return places.map((place) => {
    const known = labelPlaces.find((candidate) => candidate === place);
    if (known === undefined) throw unknownName('labels', place, [...labelPlaces, 'none']);
    return known;
  });
}

/** `fig/a.pdf`: that format only. `fig/`: `fig/figure`. */
function outOf(out: string | undefined) {
  if (out === undefined) return undefined;
  const path = requireText('out', out);
  if (/[/\\]$/.test(path)) return { place: { folder: path, name: 'figure' } };
  const format = formatIds.find((id) => extname(path).toLowerCase() === `.${id}`);
  const name = format === undefined ? basename(path) : basename(path).slice(0, -format.length - 1);
  return { place: { folder: dirname(path), name }, ...(format === undefined ? {} : { formats: [format] }) };
}

/** Options in the order of the command line. */
const names: Readonly<Record<Exclude<keyof FigureSpec, 'report' | 'command'>, true>> = {
  samples: true,
  columns: true,
  runs: true,
  methods: true,
  rows: true,
  crop: true,
  venue: true,
  width: true,
  dpi: true,
  fontSize: true,
  font: true,
  format: true,
  scale: true,
  colormap: true,
  alpha: true,
  show: true,
  cells: true,
  threshold: true,
  contours: true,
  signed: true,
  mask: true,
  labels: true,
  quality: true,
  out: true,
};

/** The command line for options given to the library. */
function commandOf(spec: FigureSpec): string {
  const told = Object.keys(names) as (keyof typeof names)[];
  return quoteCommand(['gradcam', 'figure', join(spec.report), ...flagsOf(spec, told, { joined: told })]);
}
