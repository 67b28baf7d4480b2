// Relevance rank accuracy. Arras et al. 2022, "CLEVR-XAI", Information Fusion 81, arXiv 2003.07258.
//   RA = |P_K intersected with R| / K,  K = |R|,  P_K: the K pixels of greatest value
// Pixels that tie for the last places share them, so that the order of pixels does not matter.
import type { LocalisationMetric } from '../metric.ts';

export const rankAccuracy = {
  id: 'rank-accuracy',
  kind: 'localisation',
  title: 'Relevance rank accuracy',
  paper: 'Arras et al. 2022, arXiv 2003.07258',
  formula: 'of as many highest pixels as the mask has, the share that lies inside it',
  range: [0, 1],
  better: 'higher',
  measure(scene) {
    if (!(scene.max > 0)) return null;
    let [left, hits] = [scene.area, 0];
    for (const { inside, outside } of scene.ranked()) {
      const taken = Math.min(left, inside + outside);
      hits += (taken * inside) / (inside + outside);
      left -= taken;
      if (left === 0) break;
    }
    return hits / scene.area;
  },
} as const satisfies LocalisationMetric;
