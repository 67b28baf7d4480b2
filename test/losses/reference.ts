// The losses once more, in plain double precision and as near to the formulas as they can be written: what the TensorFlow.js
// functions are compared with, and what central differences are taken of.

/** Cost of one picture with one label. `row` draws of the picture are for losses that want them. */
export type PictureCost = (z: readonly number[], label: number, uniform: readonly number[]) => number;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

function logSumExp(z: readonly number[]): number {
  const most = Math.max(...z);
  return most + Math.log(sum(z.map((value) => Math.exp(value - most))));
}

export const ce: PictureCost = (z, label) => logSumExp(z) - z[label]!;

export function marginsOf(counts: readonly number[], most = 0.5): number[] {
  const raw = counts.map((n) => 1 / Math.sqrt(Math.sqrt(n)));
  return raw.map((m) => (m * most) / Math.max(...raw));
}

export const focal =
  (gamma: number): PictureCost =>
  (z, label) => {
    const cost = ce(z, label, []);
    return (-Math.expm1(-cost)) ** gamma * cost;
  };

export const ldam =
  (margins: readonly number[], scale: number): PictureCost =>
  (z, label) =>
    ce(
      z.map((value, j) => scale * (value - (j === label ? margins[j]! : 0))),
      label,
      [],
    );

export const adjusted =
  (change: (value: number, j: number) => number): PictureCost =>
  (z, label) =>
    ce(z.map(change), label, []);

export const equalization =
  (isTail: readonly boolean[], gamma: number): PictureCost =>
  (z, label, uniform) => {
    const kept = z.filter((_, k) => k === label || !isTail[k] || uniform[k]! >= gamma);
    return logSumExp(kept) - z[label]!;
  };

/** Targets `[batch][classes]` -> mean; `weights` null: plain mean of unweighted costs. */
export function overBatch(
  cost: PictureCost,
  logits: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
  uniform: readonly (readonly number[])[],
  { weights, isPlain }: { weights: readonly number[] | null; isPlain: boolean },
): number {
  const weight = (k: number): number => weights?.[k] ?? 1;
  const totals = logits.map((z, i) =>
    sum(targets[i]!.map((t, k) => (t === 0 ? 0 : t * weight(k) * cost(z, k, uniform[i]!)))),
  );
  const divisor = isPlain || weights === null ? logits.length : sum(targets.map((row) => sum(row.map((t, k) => t * weight(k))))); // prettier-ignore
  return sum(totals) / divisor;
}

/** Mean over pictures and classes of `cost(z, t)`. */
export function overClasses(
  cost: (z: number, t: number) => number,
  logits: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
): number {
  return mean(logits.flatMap((row, i) => row.map((z, k) => cost(z, targets[i]![k]!))));
}

export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
