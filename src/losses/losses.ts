// The table of losses, by id. A new one: a file here, a line in this table, and its id in ids.ts.
import { asl } from './asl.ts';
import { balancedSoftmax } from './balanced-softmax.ts';
import { bce } from './bce.ts';
import { ce } from './ce.ts';
import { classBalanced } from './class-balanced.ts';
import { equalization } from './equalization.ts';
import { focalBce } from './focal-bce.ts';
import { focal } from './focal.ts';
import { labelSmoothing } from './label-smoothing.ts';
import { ldam } from './ldam.ts';
import { lmf } from './lmf.ts';
import { logitAdjustment } from './logit-adjustment.ts';
import type { Loss } from './loss.ts';
import { vs } from './vs.ts';
import { weightedCe } from './weighted-ce.ts';

/** Losses by the ids that `loss` takes; `build` gives the function of labels and logits. */
export const losses = {
  ce,
  'weighted-ce': weightedCe,
  focal,
  ldam,
  lmf,
  'class-balanced': classBalanced,
  'balanced-softmax': balancedSoftmax,
  'logit-adjustment': logitAdjustment,
  vs,
  equalization,
  'label-smoothing': labelSmoothing,
  bce,
  'focal-bce': focalBce,
  asl,
} as const satisfies Record<string, Loss>;
/** Id of a loss. */
export type LossId = keyof typeof losses;
