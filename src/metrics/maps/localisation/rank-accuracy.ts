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
    const { count, inside, outside, above } = scene.levels();
    let [both, hits] = [0, 0];
    for (let k = 0; k < count; k++) {
      const left = scene.area - both - above[k]!;
      if (left <= 0) break;
      const tied = inside[k]! + outside[k]!;
      hits += (Math.min(left, tied) * inside[k]!) / tied;
      both += inside[k]!;
    }
    return hits / scene.area;
  },
} as const satisfies LocalisationMetric;
