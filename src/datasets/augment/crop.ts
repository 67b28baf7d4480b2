// A part of the picture, scaled to the whole input (random resized crop; Szegedy et al. 2014, arXiv 1409.4842, section 6).
import { placed, type Augmentation } from './augmentation.ts';

export const crop: Augmentation = {
  id: 'crop',
  title: 'Part of the picture: share of its area from minArea to maxArea, sides stretched by up to maxRatio',
  settings: { minArea: [0.5, 0.01, 1], maxArea: [1, 0.01, 1], maxRatio: [4 / 3, 1, 4] },
  plan(plan, { minArea, maxArea, maxRatio }, random, aspect) {
    const area = random.between(minArea!, Math.max(minArea!, maxArea!));
    const ratio = Math.exp(random.between(-Math.log(maxRatio!), Math.log(maxRatio!)));
    const width = Math.min(1, Math.sqrt(area * ratio));
    const height = Math.min(1, Math.sqrt(area / ratio));
    const left = random.between(-1, 1) * (1 - width) * aspect;
    const top = random.between(-1, 1) * (1 - height);
    return placed(plan, [width, 0, left, 0, height, top]);
  },
};
