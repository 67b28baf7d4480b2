// Energy in the mask: energy-based pointing game of Wang et al. 2020, "Score-CAM", arXiv 1910.01279; the same as relevance
// mass accuracy of Arras et al. 2022, "CLEVR-XAI", Information Fusion 81, arXiv 2003.07258.
//   E = sum_{p in R} max(0, M(p)) / sum_p max(0, M(p))        R: pixels of the mask
import type { LocalisationMetric } from '../metric.ts';

export const energyInMask = {
  id: 'energy-in-mask',
  kind: 'localisation',
  title: 'Energy in mask',
  paper: 'Wang et al. 2020, arXiv 1910.01279; Arras et al. 2022, arXiv 2003.07258',
  formula: 'sum of the map’s positive values inside the mask / sum of all of them',
  range: [0, 1],
  better: 'higher',
  measure({ values, within }) {
    let [both, all] = [0, 0];
    for (let p = 0; p < values.length; p++) if (values[p]! > 0) all += values[p]!;
    for (let i = 0; i < within.length; i++) if (values[within[i]!]! > 0) both += values[within[i]!]!;
    return all > 0 ? both / all : null;
  },
} as const satisfies LocalisationMetric;
