// LMF: LDAM and focal loss together. Sadi et al. 2022, "LMFLOSS: A Hybrid Loss For Imbalanced Medical Image
// Classification", arXiv 2212.12741; code Adnan-Sadi/LMFLOSS.
//   L = ldamWeight LDAM + focalWeight Focal                (alpha and beta of the paper, in this order)
// Two readings, chosen by `variant`; single options override it:
//   paper     both weights 1, neither term weighted by class, gamma 2
//   official  the authors' code: ldamWeight 1.5, focalWeight 1, gamma 1.5; the margins m are class weights of LDAM (weighted
//             mean) and alpha of Focal (plain mean)
// Focal sees `focalScale` z. 1, the default, is the paper's and the code's, whose head is linear. The logits of a normed head
// lie in [-1, 1], where a focal term can hardly fall: `gradcam train` gives it LDAM's scale there.
import { tf } from '../tf/tfjs.ts';
import { focalTerm } from './focal.ts';
import { DEFAULT_MAX_MARGIN, DEFAULT_SCALE, ldamTerm, marginsOf } from './ldam.ts';
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';

export interface LmfOptions {
  /** Pictures of each class in the training data. */
  readonly classCounts: readonly number[];
  /** Default `paper`. */
  readonly variant?: LmfVariant | undefined;
  /** alpha of the paper; default 1, official 1.5. */
  readonly ldamWeight?: number | undefined;
  /** beta of the paper; default 1. */
  readonly focalWeight?: number | undefined;
  /** Default 2, official 1.5. */
  readonly gamma?: number | undefined;
  /** Margin of the rarest class; default 0.5. */
  readonly maxMargin?: number | undefined;
  /** s of the LDAM term; default 30. */
  readonly scale?: number | undefined;
  /** What the focal term multiplies logits with; default 1. */
  readonly focalScale?: number | undefined;
  /** Class weights of both terms; default none, official the margins. */
  readonly classWeights?: readonly number[] | undefined;
}

export type LmfVariant = 'paper' | 'official';
const variants = {
  paper: { ldamWeight: 1, focalWeight: 1, gamma: 2, isWeighted: false },
  official: { ldamWeight: 1.5, focalWeight: 1, gamma: 1.5, isWeighted: true },
} as const;
const variantIds = Object.keys(variants) as readonly LmfVariant[];

export const lmf: Loss<LmfOptions> = {
  id: 'lmf',
  title: 'LMF',
  paper: 'Sadi et al. 2022, arXiv 2212.12741',
  labels: 'class',
  head: 'normed',
  draws: false,
  options: {
    classCounts: 'pictures of each class',
    variant: 'paper or official (paper)',
    ldamWeight: 'weight of the LDAM term, alpha of the paper (1, official 1.5)',
    focalWeight: 'weight of the focal term, beta of the paper (1)',
    gamma: 'focusing exponent (2, official 1.5)',
    maxMargin: 'margin of the rarest class (0.5)',
    scale: 's of the LDAM term (30)',
    focalScale: 'what the focal term multiplies logits with (1; in training with a normed head, s)',
    classWeights: 'class weights of both terms (none, official the margins)',
  },
  logitScale: ({ scale = DEFAULT_SCALE }) => scale,
  build(options) {
    const read = new LossOptions('lmf', options);
    const variant = variants[read.choice('variant', variantIds, 'paper')];
    const ldamWeight = read.number('ldamWeight', variant.ldamWeight);
    const focalWeight = read.number('focalWeight', variant.focalWeight);
    const gamma = read.number('gamma', variant.gamma);
    const margins = marginsOf(read.counts(), read.positive('maxMargin', DEFAULT_MAX_MARGIN));
    const scale = read.positive('scale', DEFAULT_SCALE);
    const focalScale = read.positive('focalScale', 1);
    const weights = read.weights() ?? (variant.isWeighted ? margins : null);
    read.end();
    return (labels, logits, extras = {}) => {
      const ldam = ldamTerm(labels, logits, { margins, scale, weights }, extras);
      const seen = focalScale === 1 ? logits : tf.mul(logits, focalScale);
      const focal = focalTerm(labels, seen, { gamma, weights }, extras);
      return tf.add<tf.Scalar>(tf.mul(ldam, ldamWeight), tf.mul(focal, focalWeight));
    };
  },
};
