// ARCC. Poppi et al. 2021, "Revisiting The Evaluation of Class Activation Mapping for Explainability", arXiv 2104.10252.
//   3 / (1 / Coherency + 1 / (1 - Complexity) + 1 / (1 - AverageDrop))
//   Coherency  = (Pearson(E(x * E), E(x)) + 1) / 2    E: the map over the input, divided by its maximum
//   Complexity = mean of E                            (L1 norm over the number of pixels)
//   AverageDrop as in average-drop.ts
// 0 where one of the three is 0. Of one picture; the paper takes the harmonic mean of means over pictures.
import type { FaithfulnessMetric } from '../metric.ts';
import { correlation } from '../correlation.ts';
import { subjectOf, type Scored, type Subject } from '../subject.ts';
import { averageDrop } from './average-drop.ts';

export const arcc = {
  id: 'arcc',
  kind: 'faithfulness',
  title: 'ARCC',
  paper: 'Poppi et al. 2021, arXiv 2104.10252',
  formula: 'harmonic mean of coherency, 1 − complexity and 1 − average drop',
  range: [0, 1],
  better: 'higher',
  needsMaps: true,
  inputs: (subject) => [subject.masked()],
  measure(subject, scored) {
    const drop = averageDrop.measure(subject, scored).value;
    const coherent = coherency(subject, scored[0]!);
    if (drop === null || coherent === null) return { value: null };
    const parts = [coherent, 1 - complexity(subject), 1 - drop];
    return { value: parts.some((part) => part <= 0) ? 0 : 3 / parts.reduce((sum, part) => sum + 1 / part, 0) };
  },
} as const satisfies FaithfulnessMetric;

/** Do the map of the picture and the map of the picture masked by it agree? 0..1; null where one is the same everywhere. */
export function coherency(subject: Subject, { map }: Scored): number | null {
  if (map === null) return null;
  if (!map.data.every(Number.isFinite)) return null;
  const again = subjectOf({ ...subject, map }).share();
  const r = correlation(again, subject.share());
  return r === null ? null : (r + 1) / 2;
}

/** Mean of the map over the input: 0..1. */
export function complexity(subject: Subject): number {
  const share = subject.share();
  return share.reduce((sum, value) => sum + value, 0) / share.length;
}
