// Deletion. Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
// arXiv 1806.07421, section 4.2.
//   area under p_c(x with the k most relevant pixels deleted) over k / n, by trapezoids
// A good map names the pixels without which the class's probability falls fast.
import { areaUnder, curveInputs } from '../curves.ts';
import type { FaithfulnessMetric } from '../metric.ts';

export const deletion = {
  id: 'deletion',
  kind: 'faithfulness',
  title: 'Deletion',
  paper: 'Petsiuk, Das and Saenko 2018, arXiv 1806.07421',
  formula: 'area under the probability as the most relevant pixels are deleted',
  range: [0, 1],
  better: 'lower',
  inputs: (subject) => curveInputs(subject, subject.settings.deletion, 'delete'),
  measure(_, scored) {
    const values = scored.map(({ probability }) => probability);
    return { value: areaUnder(values), curve: values.map((value, step) => [step / (values.length - 1), value]) };
  },
} as const satisfies FaithfulnessMetric;
