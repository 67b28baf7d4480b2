// ROAD, both orders in one number, as pytorch-grad-cam's ROADCombined. Rong et al. 2022, "A Consistent and Efficient
// Evaluation Strategy for Attribution Methods", arXiv 2202.00449.
//   (LeRF - MoRF) / 2 = mean over shares s of (p_c(x without the s least relevant) - p_c(x without the s most relevant)) / 2
// 0 for a map that says nothing about the model, whatever the picture.
import type { FaithfulnessMetric } from '../metric.ts';
import { meanChange } from '../road.ts';

export const road = {
  id: 'road',
  kind: 'faithfulness',
  title: 'ROAD, combined',
  paper: 'Rong et al. 2022, arXiv 2202.00449',
  formula: '(least relevant first − most relevant first) / 2',
  range: [-0.5, 0.5],
  better: 'higher',
  inputs: (subject) =>
    (['most', 'least'] as const).flatMap((first) => subject.settings.shares.map((share) => subject.road(share, first))),
  measure(subject, scored) {
    const half = scored.length / 2;
    const most = meanChange(subject, scored.slice(0, half));
    const least = meanChange(subject, scored.slice(half));
    return { value: (least - most) / 2 };
  },
} as const satisfies FaithfulnessMetric;
