// Infidelity. Yeh et al. 2019, "On the (In)fidelity and Sensitivity of Explanations", arXiv 1901.09392, with sets of cells
// removed as the perturbation (section 3, "difference to a baseline" of random subsets) and the optimal scaling of its
// Proposition 2.1's remark, because a map has no unit of its own.
//   mean_S (b a_S - f_S)^2 / mean_S f_S^2,  a_S = sum_{i in S} M_i,  f_S = z_c(x) - z_c(x without S),  b = <a f> / <a a>
// 0: the map tells every fall of the logit up to one factor. 1: it tells as much as a map of zeros.
import type { FaithfulnessMetric } from '../metric.ts';
import { subsetsOf, sumOver, withoutCells } from '../patches.ts';
import type { Subject } from '../subject.ts';

export const infidelity = {
  id: 'infidelity',
  kind: 'faithfulness',
  title: 'Infidelity',
  paper: 'Yeh et al. 2019, arXiv 1901.09392',
  formula: 'squared error of the map’s sums over random sets of cells as the logit’s falls, over the falls’ square',
  range: [0, 1],
  better: 'lower',
  inputs: (subject) => setsOf(subject).map((cells) => withoutCells(subject, cells)),
  measure(subject, scored) {
    const sums = setsOf(subject).map((cells) => sumOver(subject, cells));
    const falls = scored.map(({ logit }) => subject.before.logit - logit);
    const product = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const [aa, af, ff] = [product(sums, sums), product(sums, falls), product(falls, falls)];
    return { value: ff > 0 && aa > 0 ? Math.max(0, 1 - (af * af) / (aa * ff)) : null };
  },
} as const satisfies FaithfulnessMetric;

/** Sets of a random size each, half of the cells on average. */
function setsOf(subject: Subject): Uint32Array[] {
  const cells = subject.map.data.length;
  const sizes = subject.random('infidelity/sizes');
  return Array.from({ length: subject.settings.subsets }, (_, set) => {
    const size = 1 + sizes.below(Math.max(1, cells - 1));
    return subsetsOf(subject, size, 1, `infidelity/${set}`)[0]!;
  });
}
