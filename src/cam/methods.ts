// The table of CAM methods.
import type { CamMethod } from './method.ts';
import { gradcam } from './methods/gradcam.ts';

export const methods = { gradcam } as const satisfies Record<string, CamMethod>;
export type MethodId = keyof typeof methods;
