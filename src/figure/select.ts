// Which samples a figure shows, and how they came to be chosen: said in the caption, so that readers can judge it.
import { readFile } from 'node:fs/promises';
import { GradcamError } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { formatCount } from '../lib/format.ts';
import { unknownName } from '../lib/names.ts';
import { Random } from '../lib/random.ts';
import type { Report, ReportCell, ReportSample } from '../report/report.ts';

export interface Selection {
  readonly samples: readonly ReportSample[];
  /** A sentence without its full stop: `6 of 14 samples, drawn at random (seed 0)`. */
  readonly words: string;
}

/** Without a choice, so many samples are shown at most: the first few would not be representative, so they are drawn. */
const fewest = 6;

/**
 * `all`, `random:n[:seed]`, `disagreement:n`, `hard:n`, `per-class:k[:seed]`, a text file with an id a line, or ids with
 * commas between. Throws GradcamError `unknown-sample`, `bad-samples`.
 */
export async function selectSamples(report: Report, choice: string | undefined): Promise<Selection> {
  const { samples } = report;
  if (samples.length === 0) throw badSamples('a report with samples', 'none');
  if (choice === undefined) return samples.length <= fewest ? everything(samples) : atRandom(samples, fewest, 0);
  const byId = new Map(samples.map((sample) => [sample.id, sample]));
  if (byId.has(choice)) return byHand(samples, [choice]);
  if (choice === 'all') return everything(samples);
  const rule = /^(random|disagreement|hard|per-class):(\d+)(?::(\d+)|\((\d+)\))?$/.exec(choice);
  if (rule !== null) {
    const count = Number(rule[2]);
    if (count < 1) throw badSamples(`${rule[1]}:1 or more`, choice);
    return byRule(report, rule[1]!, count, Number(rule[3] ?? rule[4] ?? 0));
  }
  if (/\.txt$/i.test(choice)) return fromFile(samples, choice);
  return byHand(
    samples,
    choice.split(',').map((id) => id.trim()),
  );
}

function byRule(report: Report, rule: string, count: number, seed: number): Selection {
  const { samples } = report;
  if (rule === 'random') return atRandom(samples, count, seed);
  if (rule === 'per-class') return perClass(samples, count, seed);
  const cells = new Map<string, ReportCell[]>();
  for (const cell of report.cells) cells.set(cell.sample, [...(cells.get(cell.sample) ?? []), cell]);
  const own = (sample: ReportSample): readonly ReportCell[] => cells.get(sample.id) ?? [];
  if (rule === 'disagreement') {
    const chosen = greatest(samples, count, (sample) => disagreement(own(sample)));
    return { samples: chosen, words: `${ofAll(chosen, samples)} on whose class the runs disagree most` };
  }
  const labelled = samples.filter(({ label }) => label !== null);
  if (labelled.length === 0) throw badSamples('labels, which hard:n needs', 'none in the report');
  const chosen = greatest(labelled, count, (sample) => [-sureness(own(sample), sample.label)]);
  return { samples: chosen, words: `${ofAll(chosen, samples)} whose true class gets the least probability` };
}

function everything(samples: readonly ReportSample[]): Selection {
  return { samples, words: samples.length === 1 ? 'the only sample' : `all ${samples.length} samples` };
}

function atRandom(samples: readonly ReportSample[], count: number, seed: number): Selection {
  if (count >= samples.length) return everything(samples);
  const chosen = new Set(Random.of(seed, 'figure', 'random').shuffled(samples).slice(0, count));
  return {
    samples: samples.filter((sample) => chosen.has(sample)),
    words: `${ofAll([...chosen], samples)}, drawn at random (seed ${seed})`,
  };
}

function perClass(samples: readonly ReportSample[], count: number, seed: number): Selection {
  const labels = [...new Set(samples.flatMap(({ label }) => (label === null ? [] : [label])))];
  if (labels.length === 0) throw badSamples('labels, which per-class:k needs', 'none in the report');
  const chosen = labels.flatMap((label) => {
    const own = samples.filter((sample) => sample.label === label);
    const drawn = new Set(Random.of(seed, 'figure', 'per-class', label).shuffled(own).slice(0, count));
    return own.filter((sample) => drawn.has(sample));
  });
  const words = `${ofAll(chosen, samples)}, ${count} of each class, drawn at random (seed ${seed})`;
  return { samples: chosen, words };
}

async function fromFile(samples: readonly ReportSample[], file: string): Promise<Selection> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  const ids = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const { samples: chosen } = byHand(samples, ids);
  return { samples: chosen, words: `${ofAll(chosen, samples)}, by a list of ids` };
}

function byHand(samples: readonly ReportSample[], ids: readonly string[]): Selection {
  const chosen = ids.map((id) => {
    const sample = samples.find((candidate) => candidate.id === id);
    if (sample !== undefined) return sample;
    throw unknownName(
      'sample',
      id,
      samples.map((candidate) => candidate.id),
    );
  });
  if (chosen.length === 0) throw badSamples('at least one id', 'none');
  return { samples: chosen, words: `${ofAll(chosen, samples)}, chosen by hand` };
}

/** Samples with the greatest keys, in that order; equal ones as in the report. */
function greatest(
  samples: readonly ReportSample[],
  count: number,
  keyOf: (sample: ReportSample) => readonly number[],
): readonly ReportSample[] {
  const keys = new Map(samples.map((sample) => [sample, keyOf(sample)]));
  const compare = (a: readonly number[], b: readonly number[]): number =>
    a.map((value, i) => (b[i] ?? 0) - value).find((difference) => difference !== 0) ?? 0;
  return [...samples].sort((a, b) => compare(keys.get(a)!, keys.get(b)!)).slice(0, count);
}

/** How many classes the runs predict, then how far apart they are in how sure they are. */
function disagreement(cells: readonly ReportCell[]): readonly number[] {
  const predicted = cells.flatMap((cell) => (cell.predicted === null ? [] : [cell.predicted]));
  const sure = predicted.map(({ probability }) => probability);
  return [new Set(predicted.map(({ name }) => name)).size, sure.length > 0 ? Math.max(...sure) - Math.min(...sure) : 0];
}

/** Mean probability of the true class, as far as it is among the five best. */
function sureness(cells: readonly ReportCell[], label: string | null): number {
  const found = cells.map(({ top }) => top.find(({ name }) => name === label)?.probability ?? 0);
  return found.length === 0 ? 1 : found.reduce((sum, value) => sum + value, 0) / found.length;
}

function ofAll(chosen: readonly ReportSample[], all: readonly ReportSample[]): string {
  return `${chosen.length} of ${formatCount(all.length, 'sample')}`;
}

function badSamples(expected: string, found: string): GradcamError {
  return new GradcamError({ code: 'bad-samples', what: 'samples for the figure cannot be chosen', expected, found });
}
