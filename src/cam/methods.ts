// The table of CAM methods, by id.
import type { MapMethod } from './method.ts';
import { ablationcam } from './methods/ablationcam.ts';
import { attentionRollout } from './methods/attention-rollout.ts';
import { cam } from './methods/cam.ts';
import { fem } from './methods/fem.ts';
import { finercam } from './methods/finercam.ts';
import { fullgrad } from './methods/fullgrad.ts';
import { gradientRollout } from './methods/gradient-rollout.ts';
import { gradientXInput } from './methods/gradient-x-input.ts';
import { gradient } from './methods/gradient.ts';
import { integratedGradients } from './methods/integrated-gradients.ts';
import { occlusion } from './methods/occlusion.ts';
import { rise } from './methods/rise.ts';
import { shapleycam } from './methods/shapleycam.ts';
import { smoothgrad } from './methods/smoothgrad.ts';
import { smoothgradcamPlusPlus } from './methods/smoothgradcam-plus-plus.ts';
import { eigencam } from './methods/eigencam.ts';
import { eigengradcam } from './methods/eigengradcam.ts';
import { gradcamElementwise } from './methods/gradcam-elementwise.ts';
import { gradcamPlusPlus } from './methods/gradcam-plus-plus.ts';
import { gradcam } from './methods/gradcam.ts';
import { guidedBackprop } from './methods/guided-backprop.ts';
import { hirescam } from './methods/hirescam.ts';
import { layercam } from './methods/layercam.ts';
import { scorecam } from './methods/scorecam.ts';
import { xgradcam } from './methods/xgradcam.ts';

/** CAM methods by the ids that `method` takes. */
export const methods = {
  gradcam,
  'gradcam++': gradcamPlusPlus,
  'gradcam-elementwise': gradcamElementwise,
  hirescam,
  layercam,
  xgradcam,
  eigencam,
  eigengradcam,
  scorecam,
  ablationcam,
  'smoothgradcam++': smoothgradcamPlusPlus,
  cam,
  finercam,
  shapleycam,
  fem,
  gradient,
  'gradient-x-input': gradientXInput,
  'guided-backprop': guidedBackprop,
  smoothgrad,
  'integrated-gradients': integratedGradients,
  occlusion,
  rise,
  fullgrad,
  'attention-rollout': attentionRollout,
  'gradient-rollout': gradientRollout,
} as const satisfies Record<string, MapMethod>;
/** Id of a CAM method. */
export type MethodId = keyof typeof methods;
