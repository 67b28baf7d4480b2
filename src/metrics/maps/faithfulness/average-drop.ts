// Average drop. Chattopadhay et al. 2018, "Grad-CAM++", arXiv 1710.11063, section 5.1, of one picture.
//   max(0, p_c(x) - p_c(x * E)) / p_c(x),  E: the map over the input, divided by its maximum
// What is dark in the map is taken from the model; the product is of the normalised input, as in pytorch-grad-cam and
// torch-cam, so dark places become the mean colour of training.
import type { FaithfulnessMetric } from '../metric.ts';

export const averageDrop = {
  id: 'average-drop',
  kind: 'faithfulness',
  title: 'Average drop',
  paper: 'Chattopadhay et al. 2018, arXiv 1710.11063',
  formula: 'max(0, p − p′) / p, p′ the probability where the input is multiplied by the map',
  range: [0, 1],
  better: 'lower',
  inputs: (subject) => [subject.masked()],
  measure({ before: { probability: p } }, [after]) {
    return { value: p > 0 ? Math.max(0, p - after!.probability) / p : null };
  },
} as const satisfies FaithfulnessMetric;
