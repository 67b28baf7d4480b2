// Ids of the losses without the losses themselves: help and checks of options must not load TensorFlow.js.
import type { LossId } from './losses.ts';

/** Type-checked against the table both ways: a loss missing here does not compile, nor does one too many. */
const known: Record<LossId, true> = {
  ce: true,
  'weighted-ce': true,
  focal: true,
  ldam: true,
  lmf: true,
  'class-balanced': true,
  'balanced-softmax': true,
  'logit-adjustment': true,
  vs: true,
  equalization: true,
  'label-smoothing': true,
  bce: true,
  'focal-bce': true,
  asl: true,
};

export const lossIds = Object.keys(known) as readonly LossId[];
