// Area under the precision-recall curve of the map as a detector of the mask's pixels, as average precision. Used for maps by
// Arun et al. 2021, Radiology: AI, arXiv 2008.02766; Davis and Goadrich 2006 for the curve.
//   AP = sum_k (r_k - r_{k-1}) p_k    over all distinct values as thresholds; p: precision, r: recall
import type { LocalisationMetric } from '../metric.ts';

export const auprc = {
  id: 'auprc',
  kind: 'localisation',
  title: 'AUPRC',
  paper: 'Arun et al. 2021, arXiv 2008.02766',
  formula: 'average precision of the map’s values as scores for “inside the mask”',
  range: [0, 1],
  better: 'higher',
  measure(scene) {
    if (!(scene.max > 0)) return null;
    const { count, inside, outside, above } = scene.levels();
    let [both, area] = [0, 0];
    for (let k = 0; k < count; k++) {
      both += inside[k]!;
      area += (inside[k]! / scene.area) * (both / (both + above[k]! + outside[k]!));
    }
    return area;
  },
} as const satisfies LocalisationMetric;
