// Runs that differ only in their seed: a difference between losses says something only where it exceeds that between seeds.

/** What tells a run's group. */
export interface SeededRun {
  /** Loss, or whatever else names the recipe; null: unknown. */
  readonly loss: string | null;
  /** Whatever else must be equal within a group, e.g. the backbone. */
  readonly kind: string;
  readonly seed: number | null;
}

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation over seeds (n - 1); NaN with one seed. */
  readonly deviation: number;
  readonly values: readonly number[];
}

export interface SeedGroup {
  readonly loss: string;
  /** Places among the runs. */
  readonly runs: readonly number[];
  readonly seeds: readonly (number | null)[];
}

export interface SeedDifference {
  /** Places among the groups. */
  readonly first: number;
  readonly second: number;
  /** Mean of the first minus mean of the second. */
  readonly value: number;
  /** Deviation between seeds, pooled over both groups. */
  readonly deviation: number;
  readonly exceeds: boolean;
}

/** Groups of runs with one loss, in order of first appearance; none where no loss has several runs. */
export function seedGroups(runs: readonly SeededRun[]): SeedGroup[] {
  const groups = new Map<string, { loss: string; runs: number[]; seeds: (number | null)[] }>();
  for (const [run, { loss, kind, seed }] of runs.entries()) {
    if (loss === null) continue;
    const key = `${loss}\0${kind}`;
    const group = groups.get(key) ?? { loss, runs: [], seeds: [] };
    group.runs.push(run);
    group.seeds.push(seed);
    groups.set(key, group);
  }
  const found = [...groups.values()];
  return found.some((group) => group.runs.length > 1) ? found : [];
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1)), values };
}

/** Every pair of groups that both have several seeds. */
export function seedDifferences(spreads: readonly Spread[]): SeedDifference[] {
  return spreads.flatMap((second, j) =>
    spreads.slice(0, j).flatMap((first, i) => {
      const freedom = first.values.length + second.values.length - 2;
      if (first.values.length < 2 || second.values.length < 2) return [];
      const squares = [first, second].map(({ deviation, values }) => deviation ** 2 * (values.length - 1));
      const deviation = Math.sqrt((squares[0]! + squares[1]!) / freedom);
      const value = first.mean - second.mean;
      return [{ first: i, second: j, value, deviation, exceeds: Math.abs(value) > deviation }];
    }),
  );
}

/** Loss and seed of a run called `<loss>-s<seed>`; null for other names. */
export function seedInName(name: string): { loss: string; seed: number } | null {
  const found = /^(.+)-s(\d+)$/.exec(name);
  return found === null ? null : { loss: found[1]!, seed: Number(found[2]) };
}
