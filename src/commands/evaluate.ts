// gradcam evaluate: how right runs are on labelled pictures, and how sure that is.
import { Option, type Command } from 'commander';
import { datasetIds } from '../datasets/ids.ts';
import { odirLabelKinds } from '../datasets/dataset.ts';
import { engineIds } from '../engine/ids.ts';
import {
  MAP_SAMPLES,
  evaluateDefaults,
  intervalKinds,
  normalizeEvaluateOptions,
  splitChoices,
  type EvaluateSpec,
} from '../evaluation/options.ts';
import { GradcamError } from '../lib/errors.ts';
import { mapMetricIds } from '../metrics/maps/metrics.ts';
import { cleanTemporaryFiles } from '../lib/files.ts';
import { quoteCommand } from '../lib/shell.ts';
import type { Evaluation } from '../report/evaluation/evaluation.ts';
import type { Context } from './context.ts';
import { collect, numberOf } from './maps.ts';
import { createMeter } from './meter.ts';
import { isTerminal, styleFor } from './style.ts';

const FORMATS = ['text', 'csv', 'latex'] as const;
type Format = (typeof FORMATS)[number];

interface EvaluateFlags extends Omit<EvaluateSpec, 'models' | 'data' | 'command' | 'signal'> {
  readonly models?: string[];
  readonly data?: string;
  readonly format: Format;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function declareEvaluate(program: Command, context: Context): void {
  program
    .command('evaluate')
    .summary('measure how right several models are on labelled pictures')
    .description(
      'Measures accuracy, balanced accuracy, precision, recall, F1, AUROC and calibration of every run, with bootstrap intervals and paired tests between runs.',
    )
    .option('--models <path...>', 'model files, or folders with a model in each (required)')
    .option('--data <path>', 'folder or table of labelled pictures (required)')
    .option(
      '--dataset <id>',
      `format of the data: ${datasetIds.join(', ')} (default: a table labels.csv if there is one, else imagefolder)`,
    )
    .addOption(
      new Option('--split <name>', 'pictures to evaluate on (default: test where there are splits, else all)').choices(
        splitChoices,
      ),
    )
    .option('--labels <csv>', 'table of labels for the pictures in --data')
    .option('--image-col <name>', 'column of file names or ids in a table')
    .option('--label-col <name>', 'column of labels in a table')
    .option('--group-col <name>', 'column of lesions or patients: intervals draw those, not pictures')
    .option('--split-col <name>', 'column of splits in a table')
    .option('--label-separator <text>', 'what stands between several labels in a table')
    .addOption(new Option('--odir-labels <kind>', 'odir5k: what a label is').choices(odirLabelKinds))
    .option('--bootstrap <n>', 'replicates for intervals; 0: none', numberOf('bootstrap'), evaluateDefaults.bootstrap)
    .option('--interval <id>', intervalKinds.join(', '), evaluateDefaults.interval)
    .option('--seed <n>', 'seed of the bootstrap', numberOf('seed'), evaluateDefaults.seed)
    .option('--batch <n>', 'pictures at a time', numberOf('batch'), evaluateDefaults.batch)
    .option('--threads <n>', 'threads of the engine (default: all cores)', numberOf('threads'))
    .option('--engine <id>', engineIds.join(', '), evaluateDefaults.engine)
    .option('--output <name>', 'of a model with several outputs, the one with the logits')
    .option('--maps', 'measure the maps of every run too: localisation, faithfulness, agreement')
    .addOption(new Option('--method <ids>', 'with --maps: CAM methods, commas between').argParser(collectIds))
    .option('--layer <[run=]layer>', 'with --maps: layer to take the map at; may be repeated', collect)
    .option('--target <class>', 'with --maps: class to explain (default: label)')
    .option('--masks <folder>', 'with --maps: masks of the pictures (default: those of the data)')
    .addOption(
      new Option('--metrics <ids>', `with --maps: of ${mapMetricIds.join(', ')} (default: all)`).argParser(collectIds),
    )
    .option('--map-samples <n>', `with --maps: pictures at most (default: ${MAP_SAMPLES})`, numberOf('map-samples'))
    .option('--sanity', 'with --maps: set the maps beside those of networks with weights drawn anew')
    .option('--permuted <[run=]model>', 'with --maps: a model trained on permuted labels; may be repeated', collect)
    .option('--out <folder>', 'folder for evaluation.json, tables and predictions', evaluateDefaults.out)
    .addOption(new Option('--format <id>', 'what is printed').choices(FORMATS).default('text'))
    .option('--json', 'print an array with the numbers of each run, with --maps those of its maps too')
    .option('--quiet', 'no progress and no notes; print the path of evaluation.json only')
    .addHelpText('after', '\nExample:\n  gradcam evaluate --models ./runs/* --data ./samples')
    .action((flags: EvaluateFlags) => evaluateRuns(flags, context));
}

async function evaluateRuns(flags: EvaluateFlags, context: Context): Promise<void> {
  const { models, data, format, json = false, quiet = false, ...rest } = flags;
  if (models === undefined) throw missing('--models');
  if (data === undefined) throw missing('--data');
  const command = quoteCommand(['gradcam', ...context.argv]);
  const spec: EvaluateSpec = { ...rest, models, data, command, signal: context.signal };
  const { out } = normalizeEvaluateOptions(spec); // wrong options are told before anything is loaded
  const meter = createMeter(context, { quiet });
  context.atInterrupt(() => {
    meter.close();
    cleanTemporaryFiles([out]);
  });
  try {
    const evaluate = await context.library('evaluate');
    const evaluation = await evaluate(spec, meter.onProgress);
    meter.close();
    const { stdout, stderr, env } = context;
    const note = styleFor(stderr, env).yellow('note:');
    if (!quiet) for (const warning of evaluation.warnings) stderr.write(`${note} ${warning}\n`);
    if (json) stdout.write(`${JSON.stringify(runsOf(evaluation), null, 2)}\n`);
    else if (quiet && format === 'text') stdout.write(`${out}/evaluation.json\n`);
    else stdout.write(await printed(evaluation, format, context));
    if (!quiet && !json && format === 'text') stdout.write(`${out}/evaluation.json\n`);
  } finally {
    meter.close();
  }
}

/** What is known of each run; `maps`: a list with the numbers of each method, where maps were measured. */
function runsOf({ runs, maps }: Evaluation): readonly object[] {
  if (maps === null) return runs;
  return runs.map((run) => ({
    ...run,
    maps: maps.columns
      .filter((column) => column.run === run.run)
      .map(({ method, maps: count, zero, metrics }) => ({ method, maps: count, zero, metrics })),
  }));
}

async function printed(evaluation: Evaluation, format: Format, { library, stdout, env }: Context): Promise<string> {
  if (format === 'csv') return (await library('evaluationCsv'))(evaluation);
  if (format === 'latex') return (await library('evaluationLatex'))(evaluation);
  const { green, dim } = styleFor(stdout, env);
  const style = { strong: isTerminal(stdout, env) ? green : (text: string) => text, dim };
  return `${(await library('evaluationText'))(evaluation, style)}\n\n`;
}

/** Every use adds. */
function collectIds(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((id) => id.trim())];
}

function missing(option: string): GradcamError {
  return new GradcamError({
    code: 'missing-option',
    what: `${option} is missing`,
    expected: 'models, and labelled pictures to evaluate them on',
    hint: 'for example: gradcam evaluate --models ./runs/* --data ./samples',
  });
}
