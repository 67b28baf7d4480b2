// Statistics for callers of the library, as one name.
export { bcaInterval, bootstrap, bootstrapP, percentileInterval, type Bootstrap, type Statistic } from './bootstrap.ts';
export { cochranQ } from './cochran.ts';
export { friedman } from './friedman.ts';
export { holm } from './holm.ts';
export { discordance, mcnemar } from './mcnemar.ts';
export { permutationTest, signFlipTest } from './permutation.ts';
export { wilcoxon } from './wilcoxon.ts';
