// Increase in confidence. Chattopadhay et al. 2018, "Grad-CAM++", arXiv 1710.11063, section 5.1, of one picture; its mean over
// pictures is the share of them whose probability rises.
//   1 if p_c(x * E) > p_c(x), else 0,  E: the map over the input, divided by its maximum
import type { FaithfulnessMetric } from '../metric.ts';

export const averageIncrease = {
  id: 'average-increase',
  kind: 'faithfulness',
  title: 'Increase in confidence',
  paper: 'Chattopadhay et al. 2018, arXiv 1710.11063',
  formula: '1 if p′ > p, p′ the probability where the input is multiplied by the map, else 0',
  range: [0, 1],
  better: 'higher',
  inputs: (subject) => [subject.masked()],
  measure({ before: { probability: p } }, [after]) {
    return { value: after!.probability > p ? 1 : 0 };
  },
} as const satisfies FaithfulnessMetric;
