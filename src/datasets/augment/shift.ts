// Moved sideways and up or down; what comes in is reflected.
import { placed, type Augmentation } from './augmentation.ts';

export const shift: Augmentation = {
  id: 'shift',
  title: 'Shift, up to this share of each side',
  settings: { by: [0.06, 0, 1] },
  plan: (plan, { by }, random, aspect) =>
    placed(plan, [1, 0, 2 * aspect * random.between(-by!, by!), 0, 1, 2 * random.between(-by!, by!)]),
};
