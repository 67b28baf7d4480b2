// A loss with its options -> what a training step minimises, what it wants fed, and what probabilities of the run are.
import type { HeadKind, Loss, LossExtras, LossFunction } from '../losses/loss.ts';
import { classWeightsOf, EFFECTIVE_BETA, weightingIds } from '../losses/class-weights.ts';
import { smoothed } from '../losses/label-smoothing.ts';
import { DEFAULT_MAX_MARGIN, marginsOf } from '../losses/ldam.ts';
import { losses } from '../losses/losses.ts';
import { targetsOf } from '../losses/terms.ts';
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';
import { Random } from '../lib/random.ts';
import { tf } from '../tf/tfjs.ts';
import type { TrainingLoss } from './step.ts';

/** What cosines are multiplied with where the loss has no scale of its own: LDAM's. */
export const COSINE_SCALE = 30;

export interface ObjectiveSpec {
  /** The loss, or its id in the table. */
  readonly loss: string | Loss;
  readonly lossOptions: Readonly<Record<string, unknown>>;
  /** Training pictures of each class. */
  readonly counts: readonly number[];
  /** undefined: the loss's own choice. */
  readonly head: HeadKind | undefined;
  readonly multiLabel: boolean;
  /** Scale of cosines for losses that have none; default 30. */
  readonly cosineScale?: number | undefined;
  /** Share of the labels that is spread over all classes. */
  readonly smoothing: number;
  /** First epoch with class-balanced weights (deferred re-weighting, Cao et al. 2019), counted from 0; null: none. */
  readonly drwEpoch: number | null;
  readonly batch: number;
  readonly seed: number;
}

export interface Objective {
  readonly loss: Loss;
  /** Every option that `build` was given. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly head: HeadKind;
  /** s of softmax(s z), for run.json. */
  readonly logitScale: number;
  readonly training: TrainingLoss;
  /** Shapes of what `feeds` gives. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  feeds(epoch: number, step: number): Readonly<Record<string, Float32Array>>;
}

/**
 * Throws GradcamError `unknown-loss`, `loss-needs-one-label`, and what the loss says of its options. Losses that take class
 * counts get those of the training pictures.
 */
export function objectiveOf(spec: ObjectiveSpec): Objective {
  const loss = typeof spec.loss === 'string' ? requireLoss(spec.loss) : spec.loss;
  if (spec.multiLabel && loss.labels === 'class') throw oneLabelOnly(loss);
  const head = spec.head ?? loss.head;
  const options = settledOptions(loss, spec, head);
  const ownScale = loss.logitScale(options);
  const scalesItself = 'scale' in loss.options;
  const scale = head === 'normed' && !scalesItself ? (spec.cosineScale ?? COSINE_SCALE) : 1;
  const built = loss.build(options);
  const classes = spec.counts.length;
  const weights = spec.drwEpoch === null ? null : Float32Array.from(classWeightsOf('class-balanced', filled(spec.counts), EFFECTIVE_BETA)); // prettier-ignore
  return {
    loss,
    options,
    head,
    logitScale: ownScale * scale,
    training: trainingLoss(built, scale, spec.smoothing),
    inputs: {
      ...(weights === null ? {} : { classWeights: [classes] }),
      ...(loss.draws ? { uniform: [spec.batch, classes] } : {}),
    },
    feeds: (epoch, step) => ({
      ...(weights === null
        ? {}
        : { classWeights: epoch >= spec.drwEpoch! ? weights : new Float32Array(classes).fill(1) }),
      ...(loss.draws ? { uniform: uniform(spec, step) } : {}),
    }),
  };
}

/** The loss of that id. Throws GradcamError `unknown-loss`. */
function requireLoss(id: string): Loss {
  const table: Readonly<Record<string, Loss>> = losses;
  if (Object.hasOwn(table, id)) return table[id]!;
  throw unknownName('loss', id, Object.keys(losses));
}

/** Class counts, and with a normed head the focal term on LDAM's scale (losses/lmf.ts), unless the user said otherwise. */
function settledOptions(loss: Loss, { lossOptions, counts }: ObjectiveSpec, head: HeadKind): Record<string, unknown> {
  const named: Readonly<Record<string, string>> = loss.options;
  const options: Record<string, unknown> = { ...lossOptions };
  if ('classCounts' in named && options.classCounts === undefined) options.classCounts = counts;
  if (typeof options.classWeights === 'string') options.classWeights = weightsNamed(options.classWeights, counts);
  if ('focalScale' in named && head === 'normed') options.focalScale ??= loss.logitScale(options);
  return options;
}

/** Weights by name: a weighting, or LDAM's margins, which the LMF authors take for weights. */
function weightsNamed(name: string, counts: readonly number[]): number[] | undefined {
  const scheme = weightingIds.find((id) => id === name);
  if (scheme !== undefined) return scheme === 'none' ? undefined : classWeightsOf(scheme, filled(counts));
  if (name === 'margins') return marginsOf(filled(counts), DEFAULT_MAX_MARGIN);
  throw unknownName('weighting', name, [...weightingIds, 'margins']);
}

function trainingLoss(loss: LossFunction, scale: number, smoothing: number): TrainingLoss {
  return (labels, logits, inputs) => {
    const extras: LossExtras = inputs;
    const targets = smoothing === 0 ? labels : smoothed(targetsOf(labels, logits), smoothing);
    return loss(targets, scale === 1 ? logits : tf.mul(logits, scale), extras);
  };
}

function uniform({ batch, counts, seed }: ObjectiveSpec, step: number): Float32Array {
  const random = Random.of(seed, 'loss', step);
  return Float32Array.from({ length: batch * counts.length }, () => random.unit());
}

/** A class without pictures weighs as much as the rarest that has some. */
function filled(counts: readonly number[]): number[] {
  const rarest = Math.min(...counts.filter((count) => count > 0));
  return counts.map((count) => (count > 0 ? count : rarest));
}

function oneLabelOnly({ id, title }: Loss): GradcamError {
  const possible = Object.values<Loss>(losses).flatMap((loss) => (loss.labels === 'multi-hot' ? [loss.id] : []));
  return new GradcamError({
    code: 'loss-needs-one-label',
    what: `${title} wants one class a picture, and this data has several`,
    expected: `a loss for several labels: ${possible.join(', ')}`,
    found: id,
    hint: `use --loss ${possible[0] ?? ''}`,
  });
}
