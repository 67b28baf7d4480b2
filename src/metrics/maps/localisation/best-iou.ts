// Greatest intersection over union over all thresholds: Choe et al. 2020, "Evaluating Weakly Supervised Object Localization
// Methods Right", arXiv 2001.07437 (there one threshold for a whole data set; here one for each picture).
//   max_t |S_t and R| / |S_t or R|,  S_t = { p : M(p) >= t },  t > 0
// The threshold is chosen with the mask in sight: what the map could give at most, not what it gives.
import type { LocalisationMetric } from '../metric.ts';

export const bestIou = {
  id: 'best-iou',
  kind: 'localisation',
  title: 'Best IoU',
  paper: 'Choe et al. 2020, arXiv 2001.07437',
  formula: 'greatest overlap / union over all thresholds above 0',
  range: [0, 1],
  better: 'higher',
  measure(scene) {
    if (!(scene.max > 0)) return null;
    const { count, value, inside, outside, above } = scene.levels();
    let [both, best] = [0, 0];
    for (let k = 0; k < count && value[k]! > 0; k++) {
      both += inside[k]!;
      best = Math.max(best, both / (scene.area + above[k]! + outside[k]!));
    }
    return best;
  },
} as const satisfies LocalisationMetric;
