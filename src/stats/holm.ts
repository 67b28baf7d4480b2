// Many tests at once: p-values corrected so that the chance of any false finding stays below the level.

/**
 * Holm's step-down adjustment (Holm 1979, Scand. J. Statist. 6:65): the k-th smallest of m p-values times m - k + 1, never
 * below the one before, at most 1. NaN stays NaN and does not count among the m.
 */
export function holm(pValues: readonly number[]): number[] {
  const tested = pValues.flatMap((p, index) => (Number.isNaN(p) ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const adjusted = pValues.map(() => NaN);
  let least = 0;
  for (const [k, { p, index }] of tested.entries()) {
    least = Math.max(least, Math.min(1, p * (tested.length - k)));
    adjusted[index] = least;
  }
  return adjusted;
}
