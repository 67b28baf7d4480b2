// Mirrored left to right, upside down.
import { placed, type Augmentation } from './augmentation.ts';

export const flip: Augmentation = {
  id: 'flip',
  title: 'Mirroring; h, v: probability left to right, upside down',
  settings: { h: [0.5, 0, 1], v: [0.5, 0, 1] },
  plan: (plan, { h, v }, random) =>
    placed(plan, [random.unit() < h! ? -1 : 1, 0, 0, 0, random.unit() < v! ? -1 : 1, 0]),
};
