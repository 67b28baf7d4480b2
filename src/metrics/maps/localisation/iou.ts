// Intersection over union of mask and thresholded map, as in weakly supervised localisation: Zhou et al. 2016, "Learning Deep
// Features for Discriminative Localization", arXiv 1512.04150; Choe et al. 2020, arXiv 2001.07437.
//   IoU_t = |S_t and R| / |S_t or R|,  S_t = { p : M(p) >= t * max M }
// The threshold is a share of the map's own maximum, one half by default: fixed before any mask is seen.
import type { LocalisationMetric } from '../metric.ts';
import type { Scene } from '../scene.ts';

export const iou = {
  id: 'iou',
  kind: 'localisation',
  title: 'IoU at half the maximum',
  paper: 'Zhou et al. 2016, arXiv 1512.04150; Choe et al. 2020, arXiv 2001.07437',
  formula: 'overlap / union of the mask and the pixels of at least half the map’s maximum',
  range: [0, 1],
  better: 'higher',
  measure: (scene: Scene, { threshold = 0.5 }: { readonly threshold?: number } = {}): number | null => {
    if (!(scene.max > 0)) return null;
    const { values, within } = scene;
    const least = threshold * scene.max;
    let [both, chosen] = [0, 0];
    for (let p = 0; p < values.length; p++) if (values[p]! >= least) chosen++;
    for (let i = 0; i < within.length; i++) if (values[within[i]!]! >= least) both++;
    return both / (chosen + scene.area - both);
  },
} as const satisfies LocalisationMetric;
