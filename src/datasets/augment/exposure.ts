// Contrast and brightness of the normalised input, around the mean and in units of the deviation that the input has.
import type { Augmentation } from './augmentation.ts';

export const exposure: Augmentation = {
  id: 'exposure',
  title: 'Normalised values times 1 - contrast to 1 + contrast, plus -shift to shift',
  settings: { contrast: [0.1, 0, 1], shift: [0.25, 0, 4] },
  plan(plan, { contrast, shift }, random) {
    const gain = random.between(1 - contrast!, 1 + contrast!);
    return { ...plan, gain: plan.gain * gain, offset: plan.offset * gain + random.between(-shift!, shift!) };
  },
};
