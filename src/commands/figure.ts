// gradcam figure: figures for papers from a report.
import type { Command } from 'commander';
import { formatIds } from '../figure/format-ids.ts';
import { shows } from '../figure/look.ts';
import { venues } from '../figure/venues.ts';
import { labelPlaces, normalizeFigureOptions, type FigureSpec } from '../figure/options.ts';
import { cleanTemporaryFiles } from '../lib/files.ts';
import { printable } from '../lib/format.ts';
import { quoteCommand } from '../lib/shell.ts';
import { colormapIds } from '../image/colormaps.ts';
import { scaleIds } from '../report/scale.ts';
import type { Context } from './context.ts';
import { numberOf } from './maps.ts';
import { styleFor } from './style.ts';

type FigureFlags = Omit<FigureSpec, 'report' | 'command'> & { readonly json?: boolean };

const help = `
Examples:
  gradcam figure out/report.json --samples SYN_0003 --venue ieee2
  gradcam figure out/report.json --samples random:4:1 --columns input,ce,lmf,lmf-vs-ce --mask
  gradcam figure out/report.json --samples per-class:1 --rows runs --venue cvpr2 --format pdf,tex

Venues:
${Object.values(venues)
  .map(({ id, title, width, dpi }) => `  ${id.padEnd(12)} ${String(width).padStart(5)} mm  ${dpi} dpi  ${title}`)
  .join('\n')}`;

export function declareFigure(program: Command, context: Context): void {
  program
    .command('figure')
    .summary('draw figures for papers: PDF, SVG, PNG, LaTeX')
    .description('Draws a figure of a report: pictures at printed size, words, lines and colourbar as vectors.')
    .argument('<report.json>', 'report of gradcam compare, or the folder that it lies in')
    .option(
      '--samples <choice>',
      'all, random:n[:seed], disagreement:n, hard:n, per-class:k[:seed], ids with commas between, or a .txt file of ids (default: all up to 6, else random:6)',
    )
    .option('--columns <list>', 'input, runs, a-vs-b for a difference (default: input and all runs)', listOf)
    .option('--runs <list>', 'input and these runs', listOf)
    .option('--methods <list>', 'CAM methods of the report (default: all)', listOf)
    .option('--rows <what>', 'what the rows are: samples, runs (default: samples)')
    .option('--crop <part>', 'none, square, mask[:margin], or x,y,width,height from 0 to 1 (default: none)')
    .option('--venue <id>', 'width, dpi and size of letters, see below (default: ieee2)')
    .option('--width <mm>', 'width of the figure', numberOf('width'))
    .option('--dpi <n>', 'of pictures in it (default: the venue’s)', numberOf('dpi'))
    .option('--font-size <pt>', 'size of letters, 7 or more (default: the venue’s)', numberOf('font-size'))
    .option('--font <file>', 'font file for characters that Arimo has not')
    .option('--format <list>', `${formatIds.join(', ')} (default: all)`, listOf)
    .option('--scale <id>', `${scaleIds.join(', ')} (default: the report’s)`)
    .option('--colormap <id>', `${colormapIds.join(', ')} (default: the report’s)`)
    .option('--alpha <0..1>', 'opacity of the map (default: the report’s)', numberOf('alpha'))
    .option('--show <what>', `${shows.join(', ')} (default: overlay)`)
    .option('--cells <how>', 'smooth, raw (default: smooth)')
    .option('--threshold <percent>', 'hide what is below this share of the top', numberOf('threshold'))
    .option('--contours', 'lines at a quarter, a half and three quarters of the top')
    .option('--signed', 'evidence against too, in a diverging colormap')
    .option('--mask', 'outlines of the masks')
    .option('--labels <list>', `${labelPlaces.join(', ')}, or none (default: all)`, listOf)
    .option('--quality <1..100>', 'pictures in PDF and SVG as JPEG (default: without loss)', numberOf('quality'))
    .option('--out <path>', 'files without their extension, or one with it (default: figure, beside the report)')
    .option('--json', 'print {files, width, height, dpi, samples, selection, caption, command, warnings}')
    .addHelpText('after', help)
    .action(async (report: string, { json = false, ...flags }: FigureFlags) => {
      const spec: FigureSpec = { ...flags, report, command: quoteCommand(['gradcam', ...context.argv]) };
      normalizeFigureOptions(spec); // wrong options are told before anything is loaded
      context.atInterrupt(() => cleanTemporaryFiles());
      const makeFigure = await context.library('makeFigure');
      const made = await makeFigure(spec);
      const { yellow } = styleFor(context.stderr, context.env);
      for (const warning of made.warnings) context.stderr.write(`${yellow('note:')} ${printable(warning)}\n`);
      const summary = `${made.width} x ${made.height.toFixed(1)} mm at ${made.dpi} dpi: ${printable(made.selection)}`;
      context.stdout.write(json ? `${JSON.stringify(made, null, 2)}\n` : `${[summary, ...made.files].join('\n')}\n`);
    });
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}
