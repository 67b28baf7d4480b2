// The table of map metrics, by id: first where a map is, then what it is like, how alike two are, whether the model agrees.
import { jensenShannon } from './agreement/jensen-shannon.ts';
import { spearman } from './agreement/spearman.ts';
import { ssim } from './agreement/ssim.ts';
import { topOverlap } from './agreement/top-overlap.ts';
import { entropy } from './complexity/entropy.ts';
import { gini } from './complexity/gini.ts';
import { arcc } from './faithfulness/arcc.ts';
import { averageDrop } from './faithfulness/average-drop.ts';
import { averageGain } from './faithfulness/average-gain.ts';
import { averageIncrease } from './faithfulness/average-increase.ts';
import { deletion } from './faithfulness/deletion.ts';
import { infidelity } from './faithfulness/infidelity.ts';
import { insertion } from './faithfulness/insertion.ts';
import { roadLerf } from './faithfulness/road-lerf.ts';
import { roadMorf } from './faithfulness/road-morf.ts';
import { road } from './faithfulness/road.ts';
import { sensitivityN } from './faithfulness/sensitivity-n.ts';
import { auprc } from './localisation/auprc.ts';
import { bestIou } from './localisation/best-iou.ts';
import { energyInMask } from './localisation/energy-in-mask.ts';
import { iou } from './localisation/iou.ts';
import { pointingGame } from './localisation/pointing-game.ts';
import { rankAccuracy } from './localisation/rank-accuracy.ts';
import type { AgreementMetric, ComplexityMetric, FaithfulnessMetric, LocalisationMetric } from './metric.ts';

export const localisationMetrics = {
  'pointing-game': pointingGame,
  'energy-in-mask': energyInMask,
  'rank-accuracy': rankAccuracy,
  iou,
  'best-iou': bestIou,
  auprc,
} as const satisfies Record<string, LocalisationMetric>;

export const complexityMetrics = { entropy, gini } as const satisfies Record<string, ComplexityMetric>;

export const agreementMetrics = {
  spearman,
  ssim,
  'jensen-shannon': jensenShannon,
  'top-overlap': topOverlap,
} as const satisfies Record<string, AgreementMetric>;

export const faithfulnessMetrics = {
  deletion,
  insertion,
  road,
  'road-morf': roadMorf,
  'road-lerf': roadLerf,
  'average-drop': averageDrop,
  'average-increase': averageIncrease,
  'average-gain': averageGain,
  arcc,
  'sensitivity-n': sensitivityN,
  infidelity,
} as const satisfies Record<string, FaithfulnessMetric>;
export type FaithfulnessId = keyof typeof faithfulnessMetrics;
export const faithfulnessIds = Object.keys(faithfulnessMetrics) as readonly FaithfulnessId[];

/** Metrics of maps by their ids: where maps lie, how spread out they are, whether they agree, whether models rely on them. */
export const mapMetrics = {
  ...localisationMetrics,
  ...complexityMetrics,
  ...agreementMetrics,
  ...faithfulnessMetrics,
} as const;
/** Id of a metric of maps. */
export type MapMetricId = keyof typeof mapMetrics;
export const mapMetricIds = Object.keys(mapMetrics) as readonly MapMetricId[];
