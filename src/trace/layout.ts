// Where axes lie. A permutation `order` says that physical place k holds logical axis order[k]: NHWC lying as NCHW is
// [0, 3, 1, 2]. Pure arithmetic on axes; no values.

export type Permutation = readonly number[];

/** Logical order: every axis at its own place. */
export function identity(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function isIdentity(order: Permutation): boolean {
  return order.every((axis, place) => axis === place);
}

/** The place of every axis. */
export function inverse(order: Permutation): number[] {
  const places = new Array<number>(order.length);
  order.forEach((axis, place) => (places[axis] = place));
  return places;
}

/** `items` in the order that the permutation asks for: item order[k] comes k-th. */
export function pick<T>(items: readonly T[], order: readonly number[]): T[] {
  return order.map((index) => items[index]!);
}

/** Adds axes of extent 1 in front until there are `rank`. */
export function padRank(extents: readonly number[], rank: number): number[] {
  return [...new Array<number>(rank - extents.length).fill(1), ...extents];
}

/** The order of a value whose shape got `count` axes of extent 1 in front: those come first physically, too. */
export function padOrder(order: Permutation, count: number): number[] {
  return [...identity(count), ...order.map((axis) => axis + count)];
}

/** Without leading axes of extent 1, which broadcasting adds again. */
export function trimmed(extents: readonly number[]): readonly number[] {
  const first = extents.findIndex((extent) => extent !== 1);
  return first === -1 ? [] : extents.slice(first);
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Whether the axes of more than one element come in the same sequence, so that a reshape leads from one order to the other. */
export function sameSequence(a: Permutation, b: Permutation, extents: readonly number[]): boolean {
  const significant = (axis: number): boolean => extents[axis] !== 1;
  return sameNumbers(a.filter(significant), b.filter(significant));
}

/** The order that is left when axes are dropped, the others renumbered. */
export function withoutAxes(order: Permutation, axes: readonly number[]): number[] {
  return order
    .filter((axis) => !axes.includes(axis))
    .map((axis) => axis - axes.filter((dropped) => dropped < axis).length);
}

/** Result of reshaping a value that keeps lying where it lies. */
export interface Regrouped {
  readonly order: Permutation;
  /** Stored extents of the new axes. */
  readonly extents: readonly number[];
}

/**
 * How a reshape from `shape` to `target` reads without moving data, given where the axes lie; null where data must move
 * first (an axis that is merged or split does not lie in one piece, in logical order) or where a pending broadcast is
 * merged with stored extents.
 */
export function regroup(
  shape: readonly number[],
  extents: readonly number[],
  order: Permutation,
  target: readonly number[],
): Regrouped | null {
  if (shape.includes(0)) return isIdentity(order) ? { order: identity(target.length), extents: target } : null;
  const groups = matchAxes(shape, target);
  const newExtents = new Array<number>(target.length).fill(1);
  for (const { from, to } of groups) {
    const stored = from.map((axis) => extents[axis]!);
    if (stored.every((extent) => extent === 1)) continue;
    if (from.some((axis) => extents[axis] !== shape[axis])) return null;
    for (const axis of to) newExtents[axis] = target[axis]!;
  }
  const sequence = order.filter((axis) => shape[axis] !== 1);
  const newSequence: number[] = [];
  for (let place = 0; place < sequence.length;) {
    const group = groups.find(({ from }) => from[0] === sequence[place]);
    if (group === undefined || !sameNumbers(group.from, sequence.slice(place, place + group.from.length))) return null;
    newSequence.push(...group.to);
    place += group.from.length;
  }
  return { order: withUnits(newSequence, target), extents: newExtents };
}

/** Smallest runs of axes of more than one element with equal products on both sides, in logical order. */
function matchAxes(shape: readonly number[], target: readonly number[]): { from: number[]; to: number[] }[] {
  const significant = (extents: readonly number[]): number[] =>
    identity(extents.length).filter((axis) => extents[axis] !== 1);
  const [left, right] = [significant(shape), significant(target)];
  const groups: { from: number[]; to: number[] }[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    const from = [left[i]!];
    const to = [right[j]!];
    let difference = shape[left[i++]!]! - target[right[j++]!]!;
    let [products, wanted] = [shape[from[0]!]!, target[to[0]!]!];
    while (difference !== 0) {
      if (difference < 0) {
        products *= shape[left[i]!]!;
        from.push(left[i++]!);
      } else {
        wanted *= target[right[j]!]!;
        to.push(right[j++]!);
      }
      difference = products - wanted;
    }
    groups.push({ from, to });
  }
  return groups;
}

/** A full order from the sequence of its axes of more than one element: each axis of one element follows its left neighbour. */
function withUnits(sequence: readonly number[], target: readonly number[]): number[] {
  const order = [...sequence];
  target.forEach((extent, axis) => {
    if (extent === 1) order.splice(axis === 0 ? 0 : order.indexOf(axis - 1) + 1, 0, axis);
  });
  return order;
}
