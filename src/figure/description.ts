// What must be said of a figure so that readers can judge it: one caption, as plain text and with citations for LaTeX.
import { colormaps } from '../image/colormaps.ts';
import type { Report, ReportMethod, ReportRun } from '../report/report.ts';
import { scales } from '../report/scale.ts';
import { listText, numberText, targetWords } from '../report/words.ts';
import { lossReference, methodReference } from './bibliography.ts';
import { formatList } from '../lib/format.ts';
import { escapeLatex } from '../lib/latex.ts';
import type { Look } from './look.ts';
import { signedColormap } from './panels.ts';
import type { Reference } from './reference.ts';

export interface Described {
  readonly report: Report;
  readonly runs: readonly ReportRun[];
  readonly methods: readonly ReportMethod[];
  readonly look: Look;
  /** How the samples were chosen. */
  readonly selection: string;
  readonly samples: number;
  /** Whether panels say what was predicted, and whether some of that is known to be right or wrong. */
  readonly labelled: boolean;
  readonly judged: boolean;
  readonly outlined: boolean;
  readonly differences: boolean;
  /** Maps shown that are zero everywhere, as words: which run's of which sample. */
  readonly zero: readonly string[];
  /** Maps that there are not, in the same words. */
  readonly missing: readonly string[];
}

export interface Description {
  readonly caption: string;
  readonly captionTex: string;
  readonly references: readonly Reference[];
  readonly runs: readonly ReportRun[];
  /** The command that made the report. */
  readonly reportCommand: string;
  /** The command that makes the figure again. */
  readonly command: string;
  /** Spans a page of two columns. */
  readonly wide: boolean;
}

/** A piece of a sentence: words, and the reference that follows them. */
type Piece = string | { readonly text: string; readonly cite: Reference | null };

export function describe(described: Described, command: string, wide: boolean): Description {
  const pieces = sentences(described);
  const references = new Map<string, Reference>();
  for (const piece of pieces)
    if (typeof piece !== 'string' && piece.cite !== null) references.set(piece.cite.key, piece.cite);
  return {
    caption: pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''),
    captionTex: pieces.map(pieceTex).join(''),
    references: [...references.values()],
    runs: described.runs,
    reportCommand: described.report.command,
    command,
    wide,
  };
}

function pieceTex(piece: Piece): string {
  if (typeof piece === 'string') return escapeLatex(piece);
  return `${escapeLatex(piece.text)}${piece.cite === null ? '' : `~\\cite{${piece.cite.key}}`}`;
}

function sentences(described: Described): Piece[] {
  const { report, runs, methods, look, selection, samples } = described;
  const maps = runs.length > 0 && look.show !== 'input';
  return [
    ...(maps ? opening(report, runs, methods) : ['Pictures.']),
    ...(maps ? [` ${scales[look.scale].meaning}`, ` ${drawnText(look)}`, scaledHeads(runs)] : []),
    ...(described.differences
      ? [
          ' Differences are of maps in shares of their own tops: blue where the second is stronger, red where the first is.',
        ]
      : []),
    ...(described.labelled
      ? [` Below each map: the predicted class and its probability${markText(described.judged)}.`]
      : []),
    ...emptyText('Zero everywhere (no positive evidence for the class at this layer)', described.zero),
    ...emptyText('Without a map', described.missing),
    ...(described.outlined ? [' Dashed: the outline of the mask.'] : []),
    ` Shown: ${selection} (n = ${samples}).`,
    ...(runs.some((run) => run.synthetic) ? [' The data are synthetic.'] : []),
  ];
}

/** Of panels that show nothing, so that nobody wonders. */
const emptyText = (what: string, maps: readonly string[]): string[] =>
  maps.length === 0 ? [] : [` ${what}: ${formatList(maps)}.`];

const markText = (judged: boolean): string => (judged ? ', ticked where right, crossed where wrong' : '');

/** Methods of what, at which layer, of which runs. */
function opening(report: Report, runs: readonly ReportRun[], methods: readonly ReportMethod[]): Piece[] {
  const layers = new Set(runs.map(layerText));
  const shared = layers.size === 1;
  return [
    ...listed(methods.map((method) => ({ text: method.title, cite: methodReference(method) }))),
    ` of ${targetWords(report.options.target)}`,
    shared ? ` at ${[...layers][0]!}, for ` : ', for ',
    ...listed(
      runs.map((run) => ({
        text: shared ? run.name : `${run.name} (at ${layerText(run)})`,
        cite: lossReference(run.loss),
      })),
    ),
    '.',
  ];
}

function layerText({ layer }: ReportRun): string {
  return `layer ${layer.name} (${layer.shape[0]} × ${layer.shape[1]} cells)`;
}

/** `a`, `a and b`, `a, b and c`. */
function listed(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece, i) => (i === 0 ? [piece] : [i === pieces.length - 1 ? ' and ' : ', ', piece]));
}

function drawnText({ show, colormap, alpha, smooth, threshold, contours, signed }: Look): string {
  const { title } = colormaps[signed ? signedColormap(colormap) : colormap];
  const lines = 'lines at 25, 50 and 75 % of the top';
  if (show === 'contour') return `Drawn as ${lines}.`;
  return [
    `Colormap ${title}`,
    show === 'map' ? '' : ` at ${Math.round(100 * alpha)} % opacity`,
    smooth ? ', interpolated between cells' : ', cell by cell',
    threshold > 0 && !signed ? `, hidden below ${Math.round(100 * threshold)} % of the top` : '',
    contours ? `, with ${lines}` : '',
    '.',
  ].join('');
}

/** Says of heads whose logits are scaled that they are; nothing where none is. */
function scaledHeads(runs: readonly ReportRun[]): string {
  const scaled = runs.filter(({ logitScale }) => logitScale !== 1);
  if (scaled.length === 0) return '';
  const sizes = [...new Set(scaled.map(({ logitScale }) => numberText(logitScale)))];
  return ` Logits of ${listText(scaled.map(({ name }) => name))} are scaled by ${listText(sizes)} before the softmax.`;
}
