// Brightness, contrast, saturation and hue, as torchvision's ColorJitter has them, but as one linear map of the colours:
// values are cut to 0..255 once, at the end, and the hue turns in YIQ instead of HSV.
import type { Augmentation } from './augmentation.ts';

export const colour: Augmentation = {
  id: 'colour',
  title: 'Colour jitter: factors from 1 - x to 1 + x; hue: share of a full turn',
  settings: {
    brightness: [0.2, 0, 1],
    contrast: [0.2, 0, 1],
    saturation: [0.2, 0, 1],
    hue: [0.02, 0, 0.5],
  },
  plan(plan, { brightness, contrast, saturation, hue }, random) {
    const factor = (by: number) => random.between(1 - by, 1 + by);
    return {
      ...plan,
      brightness: plan.brightness * factor(brightness!),
      contrast: plan.contrast * factor(contrast!),
      saturation: plan.saturation * factor(saturation!),
      hue: plan.hue + 2 * Math.PI * random.between(-hue!, hue!),
    };
  },
};
