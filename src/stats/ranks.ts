// Ranks with ties at their mean, which every rank test rests on.

export interface Ranks {
  /** From 1, equal values at the mean of their ranks. */
  readonly ranks: Float64Array;
  /** Sum of t^3 - t over groups of t equal values: the ties' part in variances of rank sums. */
  readonly ties: number;
}

/** Ranks of `values`, least first. */
export function rank(values: ArrayLike<number>): Ranks {
  const order = sortedOrder(values);
  const ranks = new Float64Array(values.length);
  let ties = 0;
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  return { ranks, ties };
}

/** Indices of `values`, least value first, equal ones in their own order. */
function sortedOrder(values: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
}
