// The table of CAM methods, by id.
import type { MapMethod } from './method.ts';
import { ablationcam } from './methods/ablationcam.ts';
import { eigencam } from './methods/eigencam.ts';
import { eigengradcam } from './methods/eigengradcam.ts';
import { gradcamElementwise } from './methods/gradcam-elementwise.ts';
import { gradcamPlusPlus } from './methods/gradcam-plus-plus.ts';
import { gradcam } from './methods/gradcam.ts';
import { hirescam } from './methods/hirescam.ts';
import { layercam } from './methods/layercam.ts';
import { scorecam } from './methods/scorecam.ts';
import { xgradcam } from './methods/xgradcam.ts';

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
} as const satisfies Record<string, MapMethod>;
export type MethodId = keyof typeof methods;
