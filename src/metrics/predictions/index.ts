// Metrics of predictions for callers of the library, as one name.
export { calibration } from './calibration.ts';
export { classificationScores, confusionMatrix } from './confusion.ts';
export { cohenKappa } from './kappa.ts';
export { multiLabelMetrics } from './multi-label.ts';
export { auroc, averagePrecision, rankScores } from './ranking.ts';
export { singleLabelMetrics } from './single-label.ts';
