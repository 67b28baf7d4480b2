// Enlarged or reduced, both sides alike.
import { placed, type Augmentation } from './augmentation.ts';

export const scale: Augmentation = {
  id: 'scale',
  title: 'Enlargement, evenly between 1 - by and 1 + by',
  settings: { by: [0.1, 0, 0.9] },
  plan(plan, { by }, random) {
    const factor = 1 / random.between(1 - by!, 1 + by!);
    return placed(plan, [factor, 0, 0, 0, factor, 0]);
  },
};
