// What compare and explain have in common: their options, and the way from options to a report on the screen.
import { Option, type Command } from 'commander';
import { engineIds } from '../engine/ids.ts';
import { methodIds } from '../cam/ids.ts';
import { colormapIds } from '../image/colormaps.ts';
import { GradcamError } from '../lib/errors.ts';
import { cleanTemporaryFiles } from '../lib/files.ts';
import { formatCount, formatDuration } from '../lib/format.ts';
import { badOption } from '../lib/options.ts';
import { quoteCommand } from '../lib/shell.ts';
import { smoothKinds } from '../map-choices.ts';
import { faithfulnessIds } from '../metrics/maps/metrics.ts';
import { compareDefaults, normalizeCompareOptions, type CompareSpec } from '../options.ts';
import type { Report } from '../report/report.ts';
import { scaleIds } from '../report/scale.ts';
import type { Context } from './context.ts';
import { createMeter } from './meter.ts';
import { openOnDesktop } from './open.ts';
import { styleFor } from './style.ts';

/** Options as commander gives them: those of the library, and those of the command itself. */
export interface MapFlags extends Omit<CompareSpec, 'models' | 'images' | 'command' | 'signal'> {
  readonly open?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const list = (ids: readonly string[]) => ids.join(', ');

export function addMapOptions(command: Command): Command {
  command
    .option(
      '--labels <csv>',
      'labels of the pictures (default: labels.csv beside them, or folders named after classes)',
    )
    .option('--masks <folder>', 'masks of the pictures (default: the folder masks beside them)')
    .option(
      '--target <class>',
      'class to explain: label, predicted, consensus, a name or an index (default: label, else consensus)',
    )
    .option(
      '--layer <[run=]layer>',
      'layer to take the map at: auto, a name, module, glob or index; may be repeated',
      collect,
    )
    .addOption(
      new Option('--method <ids>', `CAM methods, commas between: ${list(methodIds)}`)
        .argParser(collectIds)
        .default(compareDefaults.method, list(compareDefaults.method)),
    )
    .option('--scale <id>', `what maps share a colour scale with: ${list(scaleIds)}`, compareDefaults.scale)
    .option('--colormap <id>', `${list(colormapIds)} (default: ${compareDefaults.colormap}; vik where maps are signed)`)
    .option('--alpha <0..1>', 'opacity of the map over the picture', numberOf('alpha'), compareDefaults.alpha)
    .option('--batch <n>', 'pictures at a time', numberOf('batch'), compareDefaults.batch)
    .option('--threads <n>', 'threads of the engine (default: all cores)', numberOf('threads'))
    .option('--engine <id>', list(engineIds), compareDefaults.engine)
    .option('--output <name>', 'of a model with several outputs, the one to explain')
    .option('--show-input', 'draw what each model saw of each picture (inputs/, and in the detail of the report)')
    .addOption(
      new Option(
        '--faithfulness [ids]',
        `ask the models again with pictures changed by the maps (many passes): all, or of ${list(faithfulnessIds)}`,
      )
        .argParser(collectFaithfulness)
        .preset('all'),
    )
    .option('--sanity', 'set the maps beside those of the same networks with weights drawn anew')
    .option(
      '--permuted <[run=]model>',
      'a model trained on permuted labels, to set the maps beside; may be repeated',
      collect,
    )
    .option('--out <folder>', 'folder for the report, maps and overlays', compareDefaults.out)
    .option(
      '--evaluation <json>',
      'evaluation.json to show (default: the one in --out, where it is of the same models)',
    )
    .option('--single-file', 'put the pictures into report.html, so that it can be sent by itself')
    .option('--tensorboard', 'write overlays and numbers as logs for TensorBoard too')
    .option('--open', 'open the report in the browser')
    .option('--json', 'print report.json instead of a summary')
    .option('--quiet', 'no progress and no notes; print the path of the report only');
  return addInputOptions(addChoiceOptions(command));
}

/** What maps show besides layer, method and class. */
function addChoiceOptions(command: Command): Command {
  return command
    .option('--signed', 'maps before the last ReLU of their methods: evidence for and against')
    .option('--counterfactual', 'what would lower the score')
    .option('--against <class>', 'why the class and not this one: a name, an index, or next (the best of the others)')
    .option('--score <kind>', 'what is explained of a class: logit or probability (default: logit)')
    .option('--smooth <kind>', `test-time smoothing: ${list(smoothKinds)}; may be repeated`, collect)
    .option('--setting <method.name=value>', 'a setting of a method, such as rise.masks=4000; may be repeated', collect)
    .option('--seed <n>', 'seed of everything random in methods (default: 0)', numberOf('seed'));
}

/** How pictures are prepared, where run.json is missing or wrong. */
export function addInputOptions(command: Command): Command {
  return command
    .option('--input-size <[run=]h[xw]>', 'size of the model input in pixels, height first; may be repeated', collect)
    .option('--resize <[run=]mode>', 'how pictures are fitted: squash, crop or pad', collect)
    .option('--short-side <[run=]n>', 'scale the shorter side to n pixels, then crop the centre (256 for 224)', collect)
    .option('--input-scale <[run=]lo,hi>', 'what the levels 0 and 255 become: 0,1 or -1,1 or 0,255', collect)
    .option('--mean <[run=]m,m,m>', 'subtracted after scaling; one number or one per channel', collect)
    .option('--std <[run=]s,s,s>', 'divided by after that', collect)
    .option('--channels <[run=]order>', 'rgb, bgr or grey', collect);
}

/** A parser of numbers for the option called `name`. Throws GradcamError `bad-option`. */
export function numberOf(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || Number.isNaN(value)) throw badOption(name, 'a number', text);
    return value;
  };
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The first use replaces the default, every further one adds. */
function collectIds(value: string, before: readonly string[]): readonly string[] {
  const ids = value.split(',').map((id) => id.trim());
  return before === compareDefaults.method ? ids : [...before, ...ids];
}

function collectFaithfulness(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((id) => id.trim())];
}

/** Checks options, makes the report, prints. */
export async function makeMaps(
  inputs: Pick<CompareSpec, 'models' | 'images'>,
  flags: MapFlags,
  context: Context,
): Promise<void> {
  const { open = false, json = false, quiet = false, ...rest } = flags;
  const command = quoteCommand(['gradcam', ...context.argv]);
  const spec: CompareSpec = { ...rest, ...inputs, command, signal: context.signal };
  const { out } = normalizeCompareOptions(spec); // wrong options are told before anything is loaded
  const meter = createMeter(context, { quiet });
  context.atInterrupt(() => {
    meter.close();
    cleanTemporaryFiles([out]);
  });
  try {
    const compare = await context.library('compare');
    const report = await compare(spec, meter.onProgress);
    meter.close();
    printReport(report, out, { json, quiet }, context);
    if (open) await openReport(`${out}/report.html`, context);
    if (report.cells.every((cell) => cell.map === null)) throw noMaps(report);
  } finally {
    meter.close();
  }
}

function printReport(
  report: Report,
  out: string,
  { json, quiet }: { json: boolean; quiet: boolean },
  { stdout, stderr, env }: Context,
): void {
  const { yellow } = styleFor(stderr, env);
  if (!quiet) for (const warning of report.warnings) stderr.write(`${yellow('note:')} ${warning}\n`);
  if (json) stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (quiet) stdout.write(`${out}/report.html\n`);
  else stdout.write(`${summaryOf(report)}\n${out}/report.html\n`);
}

/** `4 runs, 14 samples, 56 maps in 3.2 s`, and what is missing. */
function summaryOf({ runs, samples, cells, skipped, timings }: Report): string {
  const maps = cells.filter((cell) => cell.map !== null).length;
  const parts = [
    formatCount(runs.length, 'run'),
    formatCount(samples.length, 'sample'),
    `${formatCount(maps, 'map')} in ${formatDuration(timings.totalMs)}`,
  ];
  if (maps < cells.length) parts.push(`${cells.length - maps} without a map`);
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`);
  return parts.join(', ');
}

async function openReport(file: string, { stderr, env }: Context): Promise<void> {
  const reason = await openOnDesktop(file);
  if (reason !== null)
    stderr.write(`${styleFor(stderr, env).yellow('note:')} could not open ${file} (${reason}); open it by hand.\n`);
}

function noMaps({ cells }: Report): GradcamError {
  const [note] = cells.flatMap((cell) => cell.note ?? []);
  return new GradcamError({
    code: 'no-maps',
    what: 'no map could be made',
    found: note,
    hint: 'the report says for each cell why',
  });
}
