// Sensitivity-n. Ancona et al. 2018, "Towards better understanding of gradient-based attribution methods for Deep Neural
// Networks", arXiv 1711.06104, section 4.
//   r_n = Pearson over random sets S of n cells of ( sum_{i in S} M_i , z_c(x) - z_c(x without S) ); the mean over n
// n is a tenth, three tenths and half of the map's cells; z_c is the logit. The paper removes pixels of the input; a CAM's own
// units are its cells, so cells are removed, as patches.
import type { FaithfulnessMetric } from '../metric.ts';
import { subsetsOf, sumOver, withoutCells } from '../patches.ts';
import { correlation } from '../correlation.ts';
import type { Subject } from '../subject.ts';

const PARTS = [0.1, 0.3, 0.5] as const;

export const sensitivityN = {
  id: 'sensitivity-n',
  kind: 'faithfulness',
  title: 'Sensitivity-n',
  paper: 'Ancona et al. 2018, arXiv 1711.06104',
  formula: 'correlation, over random sets of cells, of the map’s sum there and the logit’s fall without them',
  range: [-1, 1],
  better: 'higher',
  inputs: (subject) => setsOf(subject).flatMap((sets) => sets.map((cells) => withoutCells(subject, cells))),
  measure(subject, scored) {
    let at = 0;
    const correlations = setsOf(subject).flatMap((sets) => {
      const falls = sets.map(() => subject.before.logit - scored[at++]!.logit);
      const sums = sets.map((cells) => sumOver(subject, cells));
      return correlation(sums, falls) ?? [];
    });
    const value = correlations.reduce((sum, r) => sum + r, 0) / correlations.length;
    return { value: correlations.length === 0 ? null : value };
  },
} as const satisfies FaithfulnessMetric;

function setsOf(subject: Subject): Uint32Array[][] {
  const cells = subject.map.data.length;
  const sizes = new Set(PARTS.map((part) => Math.max(1, Math.round(part * cells))));
  return [...sizes].map((size) => subsetsOf(subject, size, subject.settings.subsets, `sensitivity-n/${size}`));
}
