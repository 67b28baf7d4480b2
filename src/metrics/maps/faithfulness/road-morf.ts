// ROAD, most relevant first. Rong et al. 2022, "A Consistent and Efficient Evaluation Strategy for Attribution Methods",
// arXiv 2202.00449; as pytorch-grad-cam scores it, by the class's score instead of the accuracy.
//   mean over shares s of p_c(x with the s most relevant pixels imputed) - p_c(x)
import type { FaithfulnessMetric } from '../metric.ts';
import { meanChange, withUntouched } from '../road.ts';

export const roadMorf = {
  id: 'road-morf',
  kind: 'faithfulness',
  title: 'ROAD, most relevant first',
  paper: 'Rong et al. 2022, arXiv 2202.00449',
  formula: 'mean change of the probability as the most relevant pixels are filled in from around',
  range: [-1, 1],
  better: 'lower',
  inputs: (subject) => subject.settings.shares.map((share) => subject.road(share, 'most')),
  measure: (subject, scored) => ({ value: meanChange(subject, scored), curve: withUntouched(subject, scored) }),
} as const satisfies FaithfulnessMetric;
