// Which pictures belong together, for bootstrap and permutation: pictures of one lesion or patient are no independent
// evidence, so groups are drawn, not pictures.

/** How pictures are drawn. */
export interface Design {
  /** Pictures. */
  readonly size: number;
  /** Index of its group, per picture; null: every picture by itself. */
  readonly groups: ArrayLike<number> | null;
  /** Index of its stratum (usually the label), per picture: each keeps its number of groups. null: one stratum. */
  readonly strata: ArrayLike<number> | null;
}

/** Pictures of each group, groups side by side in strata. A group of several strata counts to that of its first picture. */
export interface Grouping {
  /** Pictures of each group. */
  readonly members: readonly Uint32Array[];
  /** Groups of each stratum. */
  readonly strata: readonly Uint32Array[];
}

/** Groups and strata of a design as lists. */
export function groupingOf({ size, groups, strata }: Design): Grouping {
  const byGroup = new Map<number, number[]>();
  for (let i = 0; i < size; i++) push(byGroup, groups === null ? i : groups[i]!, i);
  const members = [...byGroup.values()].map((list) => Uint32Array.from(list));
  const byStratum = new Map<number, number[]>();
  for (const [group, list] of members.entries()) push(byStratum, strata === null ? 0 : strata[list[0]!]!, group);
  return { members, strata: [...byStratum.values()].map((list) => Uint32Array.from(list)) };
}

/** Indices 0, 1, ... for names, in order of first appearance; a null name is a group of its own. */
export function indexNames(names: readonly (string | null)[]): Int32Array {
  const known = new Map<string, number>();
  let next = 0;
  return Int32Array.from(names, (name) => {
    if (name === null) return next++;
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, next);
    return next++;
  });
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
