// How well scores put the pictures of a class before all others: area under the ROC curve, average precision. Scores are
// sorted once; each set of weights (a bootstrap replicate) is then one pass.

export interface Ranking {
  /** Pictures by score, greatest first. */
  readonly order: Uint32Array;
  /** 1 where the picture at that place of `order` is the last one of its score. */
  readonly ends: Uint8Array;
  /** 1 for the pictures of the class, by their own index. */
  readonly positive: Uint8Array;
}

/** Sorts `scores`, one per picture. NaN goes last; where all are NaN there is no order, and every area is NaN. */
export function rankScores(scores: ArrayLike<number>, positive: Uint8Array): Ranking {
  const keys = Float64Array.from(scores, (score) => (Number.isNaN(score) ? -Infinity : score));
  const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) =>
    keys[b]! > keys[a]! ? 1 : keys[b]! < keys[a]! ? -1 : 0,
  );
  const isUnknown = keys.every((key) => key === -Infinity);
  const ends = Uint8Array.from(order, (index, place) =>
    Number(!isUnknown && keys[index] !== keys[order[place + 1] ?? -1]),
  );
  return { order, ends, positive };
}

/**
 * Area under the ROC curve: the chance that a picture of the class has a greater score than another one, equal scores
 * counting half. NaN where one side is empty.
 */
export function auroc({ order, ends, positive }: Ranking, weights?: ArrayLike<number>): number {
  let [above, positives, negatives, tiedPositive, tiedNegative] = [0, 0, 0, 0, 0];
  for (let place = 0; place < order.length; place++) {
    const index = order[place]!;
    const weight = weights === undefined ? 1 : weights[index]!;
    if (positive[index] === 1) tiedPositive += weight;
    else tiedNegative += weight;
    if (ends[place] === 0) continue;
    above += tiedNegative * (positives + tiedPositive / 2);
    positives += tiedPositive;
    negatives += tiedNegative;
    tiedPositive = tiedNegative = 0;
  }
  return above / (positives * negatives);
}

/** Average precision: precision at each distinct score, weighted by the recall gained there; no interpolation. NaN without positives. */
export function averagePrecision({ order, ends, positive }: Ranking, weights?: ArrayLike<number>): number {
  let [area, hits, seen, tied, tiedHits] = [0, 0, 0, 0, 0];
  for (let place = 0; place < order.length; place++) {
    const index = order[place]!;
    const weight = weights === undefined ? 1 : weights[index]!;
    tied += weight;
    if (positive[index] === 1) tiedHits += weight;
    if (ends[place] === 0) continue;
    seen += tied;
    hits += tiedHits;
    if (seen > 0) area += tiedHits * (hits / seen);
    tied = tiedHits = 0;
  }
  return area / hits;
}
