// gradcam train: runs from a dataset and losses.
import { Option, type Command } from 'commander';
import { augmentPresets } from '../datasets/augmentations.ts';
import { datasetIds } from '../datasets/ids.ts';
import { odirLabelKinds } from '../datasets/dataset.ts';
import { engineIds } from '../engine/ids.ts';
import { GradcamError } from '../lib/errors.ts';
import { cleanTemporaryFiles } from '../lib/files.ts';
import { formatDuration } from '../lib/format.ts';
import { quoteCommand } from '../lib/shell.ts';
import { lossIds } from '../losses/ids.ts';
import type { RunSummary } from '../train.ts';
import { backboneIds, optimizerIds } from '../train/ids.ts';
import { normalizeTrainOptions } from '../train/options.ts';
import { recipeIds } from '../train/recipes.ts';
import { scheduleIds } from '../train/schedules.ts';
import { trainDefaults, type TrainSpec } from '../train/spec.ts';
import type { Context } from './context.ts';
import { numberOf } from './maps.ts';
import { createMeter } from './meter.ts';
import { styleFor } from './style.ts';
import { specOf, texts, type TrainFlags } from './train-flags.ts';

const ids = (list: readonly string[]) => list.join(', ');
const numbers =
  (name: string) =>
  (value: string): number[] =>
    texts(value).map(numberOf(name));

export function declareTrain(program: Command, context: Context): void {
  const command = program
    .command('train')
    .summary('train runs with cross-entropy, focal, LDAM, LMF and other losses')
    .description(
      'Trains a run for every loss and seed into <out>/<loss>, which compare and evaluate take as it is: model.onnx, run.json, history.csv, split.csv, tensorboard/.',
    )
    .option('--config <file>', 'JSON file with options by their names here (lr, labelSmoothing, ...); flags count more')
    .option('--recipe <id>', `options that belong together: ${ids(recipeIds)}`);
  for (const add of [addDataOptions, addLossOptions, addNetworkOptions, addCourseOptions, addMachineOptions])
    add(command);
  command
    .addHelpText(
      'after',
      '\nExamples:\n  gradcam train --dataset demo --recipe demo --loss ce,focal,ldam,lmf\n  gradcam train --dataset ham10000 --data ./HAM10000 --backbone resnet50 --init resnet50.safetensors --loss ce,lmf --seeds 3',
    )
    .action(async (flags: TrainFlags) => trainRuns(flags, context));
}

function addDataOptions(command: Command): void {
  command
    .option('--dataset <id>', `${ids(datasetIds)} (default: ${trainDefaults.dataset})`)
    .option('--data <path>', 'folder of the dataset, or table of labels')
    .option('--split <csv>', 'a split.csv to use instead of a new split')
    .option('--fractions <train,val,test>', 'shares of a new split (default: 0.7,0.15,0.15)', numbers('fractions'))
    .option('--split-seed <n>', 'seed of a new split (default: the seed)', numberOf('split-seed'))
    .option('--classes <names>', 'class order, commas between', texts)
    .option('--image-col <name>', 'csv: column of file names or ids')
    .option('--label-col <name>', 'csv: column of labels')
    .option('--group-col <name>', 'csv: column of patients or lesions, which are never divided')
    .option('--split-col <name>', 'csv: column of splits')
    .option('--label-separator <text>', 'csv: what stands between several labels')
    .option('--masks <folder>', 'masks of the pictures')
    .addOption(new Option('--odir-labels <kind>', 'odir5k: what a label is').choices(odirLabelKinds))
    .option('--demo-train <n>', 'demo: training pictures, about (3000)', numberOf('demo-train'))
    .option(
      '--demo-per-class <n>',
      'demo: pictures of each class in validation and in test (40)',
      numberOf('demo-per-class'),
    ) // prettier-ignore
    .option('--demo-size <n>', 'demo: side of the pictures drawn, in pixels (128)', numberOf('demo-size'))
    .option('--demo-seed <n>', 'demo: seed of the pictures (0)', numberOf('demo-seed'));
}

function addLossOptions(command: Command): void {
  command
    .addOption(new Option('--loss <ids>', `losses, commas between: ${ids(lossIds)} (default: ce)`).argParser(texts))
    .option('--ldam-weight <x>', 'LMF: weight of the LDAM term (1; official 1.5)', numberOf('ldam-weight'))
    .option('--focal-weight <x>', 'LMF: weight of the focal term (1)', numberOf('focal-weight'))
    .option('--lmf-alpha <x>', 'the same as --ldam-weight: alpha of the paper', numberOf('lmf-alpha'))
    .option('--lmf-beta <x>', 'the same as --focal-weight: beta of the paper', numberOf('lmf-beta'))
    .option('--lmf-variant <id>', 'paper: equal weights; official: the authors code, margins as class weights (paper)')
    .option('--gamma <x>', 'focusing exponent of focal, LMF and focal-bce', numberOf('gamma'))
    .option('--max-margin <x>', 'margin of the rarest class in LDAM and LMF (0.5)', numberOf('max-margin'))
    .option('--logit-scale <s>', 's of LDAM, LMF and normed heads (30)', numberOf('logit-scale'))
    .option(
      '--focal-scale <x>',
      'what the focal term of LMF multiplies logits with (linear head 1, normed s)',
      numberOf('focal-scale'),
    ) // prettier-ignore
    .option(
      '--loss-option <loss.name=value>',
      'any other option of a loss, such as vs.tau=1.5; may be repeated',
      collect,
    ) // prettier-ignore
    .option('--label-smoothing <x>', 'share of every label spread over all classes', numberOf('label-smoothing'))
    .option('--drw-epoch <n>', 'first epoch, from 0, with class-balanced weights', numberOf('drw-epoch'))
    .option('--sampler <id>', 'shuffle, class-balanced, effective-number, in-order (default: shuffle)');
}

function addNetworkOptions(command: Command): void {
  command
    .option('--backbone <id>', `${ids(backboneIds)} (default: ${trainDefaults.backbone})`)
    .option('--init <model>', 'a model of any format to start from')
    .option('--from <layer>', 'train only what follows this layer; what it gives is computed once and kept on disk')
    .option('--head <kind>', 'linear or normed (default: normed for LDAM and LMF)')
    .option('--dropout <rate>', 'before the last layer (default: the backbone knows)', numberOf('dropout'))
    .option('--size <n>', 'side of the pictures in pixels (default: the backbone knows)', numberOf('size'))
    .option('--resize <mode>', 'squash, crop or pad (default: squash)')
    .option('--mean <m,m,m>', 'subtracted from 0..1 (default: ImageNet)', numbers('mean'))
    .option('--std <s,s,s>', 'divided by after that', numbers('std'));
}

function addCourseOptions(command: Command): void {
  command
    .option('--epochs <n>', `(default: ${trainDefaults.epochs})`, numberOf('epochs'))
    .option('--batch <n>', `pictures a step (default: ${trainDefaults.batch})`, numberOf('batch'))
    .option('--lr <x>', 'learning rate (default: adam 0.001, sgd 0.05; with --init a tenth)', numberOf('lr'))
    .option('--optimizer <id>', `${ids(optimizerIds)} (default: ${trainDefaults.optimizer})`)
    .option('--momentum <x>', 'of sgd (0.9)', numberOf('momentum'))
    .option('--weight-decay <x>', '(default: adamw 0.01, others 0)', numberOf('weight-decay'))
    .option('--schedule <id>', `${ids(scheduleIds)} (default: ${trainDefaults.schedule})`)
    .option('--warmup <epochs>', `(default: ${trainDefaults.warmup})`, numberOf('warmup'))
    .option('--lr-every <epochs>', 'step: epochs between drops (30)', numberOf('lr-every'))
    .option('--milestones <epochs>', 'multi-step: when the rate drops', numbers('milestones'))
    .option('--lr-factor <x>', 'what a drop multiplies the rate with (0.1)', numberOf('lr-factor'))
    .option('--lr-floor <x>', 'cosine: share of the rate at the end (0)', numberOf('lr-floor'))
    .option('--clip <norm>', 'greatest norm of the gradient', numberOf('clip'))
    .option('--ema <share>', 'average the parameters, keeping this share at each step (0.999)', numberOf('ema'))
    .option('--augment <preset>', `${ids(Object.keys(augmentPresets))} (default: ${trainDefaults.augment})`)
    .option('--mixup <alpha>', 'blend pairs of pictures', numberOf('mixup'))
    .option('--patience <epochs>', 'stop after so many epochs without a better score', numberOf('patience'))
    .option('--save <epoch>', 'which becomes the model: best (macro-F1 of validation) or last (default: best)')
    .option('--seed <n>', '(default: 0)', numberOf('seed'))
    .option('--seeds <n>', 'runs of each loss, with seeds from --seed on (default: 1)', numberOf('seeds'));
}

function addMachineOptions(command: Command): void {
  command
    .option('--out <folder>', `folder of the runs (default: ${trainDefaults.out})`)
    .option('--resume', 'go on where runs stopped; finished ones are left alone')
    .option('--overwrite', 'replace runs that are there')
    .option('--keep-checkpoint', 'keep what resuming needs when a run is finished')
    .option('--threads <n>', 'threads of the engine (default: all cores)', numberOf('threads'))
    .option('--workers <n>', 'threads that prepare pictures (default: all cores but one)', numberOf('workers'))
    .option('--engine <id>', ids(engineIds))
    .option('--json', 'print an array of run summaries')
    .option('--quiet', 'no progress and no notes; print the folders of the runs only');
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function trainRuns({ json = false, quiet = false, ...flags }: TrainFlags, context: Context): Promise<void> {
  const spec: TrainSpec = {
    ...(await specOf(flags)),
    command: quoteCommand(['gradcam', ...context.argv]),
    signal: context.signal,
  };
  const { out } = normalizeTrainOptions(spec); // wrong options are told before anything is loaded
  const meter = createMeter(context, { quiet });
  context.atInterrupt(() => {
    meter.close();
    cleanTemporaryFiles([out]);
  });
  try {
    const train = await context.library('train');
    const summaries = await train(spec, meter.onProgress);
    meter.close();
    if (json) context.stdout.write(`${JSON.stringify(summaries, null, 2)}\n`);
    else if (quiet) context.stdout.write(summaries.map(({ folder }) => `${folder}\n`).join(''));
    else context.stdout.write(`${tableOf(summaries)}\n`);
    if (summaries.some(({ synthetic }) => synthetic) && !quiet)
      context.stderr.write(`${styleFor(context.stderr, context.env).yellow('note:')} Trained on synthetic pictures.\n`);
    requireAll(summaries);
  } finally {
    meter.close();
  }
}

/** A row for each run, columns in line. */
function tableOf(summaries: readonly RunSummary[]): string {
  const number = (value: unknown): string => (typeof value === 'number' ? value.toFixed(3) : '');
  const rows = summaries.map((one) => [
    one.run,
    one.status,
    one.epoch === null ? '' : `${one.epoch}/${one.epochs ?? '?'}`,
    number(one.metrics?.accuracy ?? one.metrics?.exactMatch),
    number(one.metrics?.macroF1),
    one.seconds === null ? '' : formatDuration(one.seconds * 1000),
    one.folder,
  ]);
  const table = [['run', 'status', 'epoch', 'accuracy', 'macro F1', 'steps took', 'folder'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const split = summaries.find(({ metrics }) => typeof metrics?.split === 'string')?.metrics?.split;
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...(typeof split === 'string' ? [`Scores: ${split}.`] : [])].join('\n');
}

function requireAll(summaries: readonly RunSummary[]): void {
  const failed = summaries.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return;
  throw new GradcamError({
    code: 'runs-failed',
    what: `${failed.length} of ${summaries.length} runs failed`,
    found: failed.map(({ run, error }) => `${run}: ${error?.split('\n')[0] ?? ''}`).join('; '),
    hint: 'mend what is said above, then go on with --resume',
  });
}
