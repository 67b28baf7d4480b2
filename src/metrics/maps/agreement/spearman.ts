// Spearman's rank correlation of two maps: do they order the places alike? Adebayo et al. 2018, "Sanity Checks for Saliency
// Maps", arXiv 1810.03292, section 3.
//   rho = Pearson(rank A, rank B), ties at their mean rank
import { rememberedBy } from '../../../lib/remembered-by.ts';
import { rank } from '../../../stats/ranks.ts';
import type { AgreementMetric } from '../metric.ts';
import { correlation } from '../correlation.ts';

export const spearman = {
  id: 'spearman',
  kind: 'agreement',
  title: 'Rank correlation',
  paper: 'Spearman 1904; for maps Adebayo et al. 2018, arXiv 1810.03292',
  formula: 'correlation of the cells’ ranks, ties at their mean rank',
  range: [-1, 1],
  better: 'higher',
  measure: ({ a, b }) => correlation(ranksOf(a), ranksOf(b)),
} as const satisfies AgreementMetric;

const ranksOf = rememberedBy((values: Float32Array) => rank(values).ranks);
