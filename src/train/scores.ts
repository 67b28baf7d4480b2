// How good a network is on a split: its logits for every picture, and the metrics under the names that run.json has.
import { singleLabelMetrics, type SingleLabelMetrics } from '../metrics/predictions/single-label.ts';
import { multiLabelMetrics, type MultiLabelMetrics } from '../metrics/predictions/multi-label.ts';
import type { Scores } from '../metrics/predictions/confusion.ts';
import { GradcamError } from '../lib/errors.ts';
import type { Source, SourceBatch } from './source.ts';
import type { Trainer } from './trainer.ts';

/** What run.json says of a split. Numbers that do not exist are left out. */
export type Metrics = Readonly<
  Record<string, number | Readonly<Record<string, number>> | readonly (readonly number[])[]>
>;

export interface Scored {
  /** Pictures. */
  readonly count: number;
  readonly macroF1: number;
  readonly accuracy: number;
  /** Mean cross-entropy of probabilities softmax(s z), or binary cross-entropy with several labels. */
  readonly loss: number;
  readonly metrics: Metrics;
}

export interface ScoreSpec {
  /** Id of the run, for messages. */
  readonly run: string;
  readonly classes: readonly string[];
  readonly multiLabel: boolean;
  readonly logitScale: number;
  readonly which: 'current' | 'average';
}

/**
 * Runs all pictures of a source in order. The source's last batch may be short: it is filled up with zeros. Throws GradcamError
 * `training-diverged` where logits are not numbers.
 */
export async function scoreOn(source: Source, trainer: Trainer, spec: ScoreSpec): Promise<Scored> {
  const classes = spec.classes.length;
  const logits: Float32Array[] = [];
  const labels: number[] = [];
  const truth: number[] = [];
  for await (const batch of source.epoch(0)) {
    const all = await trainer.evaluate(filledUp(batch.inputs, batch.count, trainer.batch), spec.which);
    logits.push(all.slice(0, batch.count * classes));
    labels.push(...batch.labels);
    if (batch.targets !== null) truth.push(...batch.targets);
  }
  const count = labels.length;
  if (!logits.every((rows) => rows.every(Number.isFinite))) throw noNumbers(spec.run, trainer.steps());
  const scaled = joined(logits).map((z) => z * spec.logitScale);
  return spec.multiLabel
    ? severalLabels(scaled, truth, count, spec.classes)
    : oneLabel(scaled, labels, count, spec.classes);
}

function noNumbers(run: string, steps: number): GradcamError {
  return new GradcamError({
    code: 'training-diverged',
    what: `${run} gives no numbers any more, after step ${steps}`,
    expected: 'finite logits for every picture',
    found: 'NaN or infinity',
    hint: 'use a smaller --lr, --clip 1, or for LDAM and LMF --head normed',
  });
}

function filledUp(inputs: SourceBatch['inputs'], count: number, batch: number): SourceBatch['inputs'] {
  if (count === batch) return inputs;
  const filled = (values: Float32Array): Float32Array => {
    const whole = new Float32Array((values.length / count) * batch);
    whole.set(values);
    return whole;
  };
  if (inputs instanceof Float32Array) return filled(inputs);
  return Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, filled(values)]));
}

function oneLabel(logits: Float64Array, labels: readonly number[], count: number, names: readonly string[]): Scored {
  const classes = names.length;
  const probabilities = new Float64Array(logits.length);
  const predicted = new Int32Array(count);
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const most = Math.max(...row);
    const total = row.reduce((sum, z) => sum + Math.exp(z - most), 0);
    predicted[i] = row.indexOf(most);
    for (let k = 0; k < classes; k++) probabilities[i * classes + k] = Math.exp(row[k]! - most) / total;
    loss += most + Math.log(total) - row[labels[i]!]!;
  }
  const metrics = singleLabelMetrics({
    classes,
    labels: Int32Array.from(labels),
    predicted,
    probabilities,
    isDistribution: true,
  });
  return {
    count,
    macroF1: metrics.macro.f1,
    accuracy: metrics.accuracy,
    loss: loss / count,
    metrics: plain({
      accuracy: metrics.accuracy,
      balancedAccuracy: metrics.balancedAccuracy,
      ...shared(metrics, names),
      confusion: metrics.confusion,
    }),
  };
}

function severalLabels(
  logits: Float64Array,
  truth: readonly number[],
  count: number,
  names: readonly string[],
): Scored {
  const probabilities = logits.map((z) => 1 / (1 + Math.exp(-z)));
  const metrics = multiLabelMetrics({ classes: names.length, truth: Uint8Array.from(truth), probabilities });
  const costs = logits.map((z, i) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - truth[i]! * z);
  return {
    count,
    macroF1: metrics.macro.f1,
    accuracy: metrics.exactMatch,
    loss: costs.reduce((sum, cost) => sum + cost, 0) / costs.length,
    metrics: plain({ exactMatch: metrics.exactMatch, hammingLoss: metrics.hammingLoss, ...shared(metrics, names) }),
  };
}

function shared(metrics: SingleLabelMetrics | MultiLabelMetrics, names: readonly string[]): Metrics {
  const perClass = (of: (scores: Scores) => number): Record<string, number> =>
    Object.fromEntries(names.map((name, k) => [name, rounded(of(metrics.perClass[k]!))]));
  return {
    macroPrecision: metrics.macro.precision,
    macroRecall: metrics.macro.recall,
    macroF1: metrics.macro.f1,
    weightedF1: metrics.weighted.f1,
    macroAuroc: metrics.auroc,
    perClassF1: perClass(({ f1 }) => f1),
    perClassRecall: perClass(({ recall }) => recall),
    perClassPrecision: perClass(({ precision }) => precision),
  };
}

/** Four decimals; numbers that are none left out. */
function plain(metrics: Metrics): Metrics {
  const kept = Object.entries(metrics).filter(([, value]) => typeof value !== 'number' || Number.isFinite(value));
  return Object.fromEntries(kept.map(([name, value]) => [name, typeof value === 'number' ? rounded(value) : value]));
}

const rounded = (value: number): number => Number(value.toFixed(4));

function joined(parts: readonly Float32Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
