// Average gain. Zhang et al. 2024, "Opti-CAM: Optimizing saliency maps for interpretability", arXiv 2301.07002, of one picture.
//   max(0, p_c(x * E) - p_c(x)) / (1 - p_c(x)),  E: the map over the input, divided by its maximum
// The counterpart of average drop: how much of what was missing to certainty the map gives.
import type { FaithfulnessMetric } from '../metric.ts';

export const averageGain = {
  id: 'average-gain',
  kind: 'faithfulness',
  title: 'Average gain',
  paper: 'Zhang et al. 2024, arXiv 2301.07002',
  formula: 'max(0, p′ − p) / (1 − p), p′ the probability where the input is multiplied by the map',
  range: [0, 1],
  better: 'higher',
  inputs: (subject) => [subject.masked()],
  measure({ before: { probability: p } }, [after]) {
    return { value: p < 1 ? Math.max(0, after!.probability - p) / (1 - p) : null };
  },
} as const satisfies FaithfulnessMetric;
