// Insertion. Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
// arXiv 1806.07421, section 4.2.
//   area under p_c(a blurred picture into which the k most relevant pixels are put back) over k / n, by trapezoids
// A good map names the pixels with which the class's probability rises early.
import { areaUnder, curveInputs } from '../curves.ts';
import type { FaithfulnessMetric } from '../metric.ts';

export const insertion = {
  id: 'insertion',
  kind: 'faithfulness',
  title: 'Insertion',
  paper: 'Petsiuk, Das and Saenko 2018, arXiv 1806.07421',
  formula: 'area under the probability as the most relevant pixels are put back into a blurred picture',
  range: [0, 1],
  better: 'higher',
  inputs: (subject) => curveInputs(subject, subject.settings.insertion, 'insert'),
  measure(_, scored) {
    const values = scored.map(({ probability }) => probability);
    return { value: areaUnder(values), curve: values.map((value, step) => [step / (values.length - 1), value]) };
  },
} as const satisfies FaithfulnessMetric;
