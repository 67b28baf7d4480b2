// Ids of the CAM methods without the methods themselves: help and checks of options must not load TensorFlow.js.
import type { MethodId } from './methods.ts';

/** Type-checked against the table both ways: a method missing here does not compile, nor does one too many. */
const known: Record<MethodId, true> = {
  gradcam: true,
  'gradcam++': true,
  'gradcam-elementwise': true,
  hirescam: true,
  layercam: true,
  xgradcam: true,
  eigencam: true,
  eigengradcam: true,
  scorecam: true,
  ablationcam: true,
  'smoothgradcam++': true,
  cam: true,
  finercam: true,
  shapleycam: true,
  fem: true,
  gradient: true,
  'gradient-x-input': true,
  'guided-backprop': true,
  smoothgrad: true,
  'integrated-gradients': true,
  occlusion: true,
  rise: true,
  fullgrad: true,
  'attention-rollout': true,
  'gradient-rollout': true,
};

export const methodIds = Object.keys(known) as readonly MethodId[];
