// A map's values in descending order beside a mask: what every metric over all thresholds sweeps. Only values that occur
// inside the mask are kept: between two of them nothing is found, so that precision and overlap can only fall. Pixels
// outside are counted between them, which takes a fraction of the time of sorting all.

/** Distinct values inside the mask, greatest first; entry k of each list belongs to the k-th of them. */
export interface Levels {
  readonly count: number;
  readonly value: Float32Array;
  /** Pixels of exactly this value, inside and outside. */
  readonly inside: Uint32Array;
  readonly outside: Uint32Array;
  /** Pixels outside whose value is greater. */
  readonly above: Uint32Array;
}

/** A mask's pixels by their number. */
export interface Sides {
  readonly within: Int32Array;
  readonly without: Int32Array;
}

export function sidesOf(inside: Uint8Array): Sides {
  const within = new Int32Array(inside.length);
  const without = new Int32Array(inside.length);
  let [i, o] = [0, 0];
  for (let p = 0; p < inside.length; p++) {
    if (inside[p] === 1) within[i++] = p;
    else without[o++] = p;
  }
  return { within: within.slice(0, i), without: without.slice(0, o) };
}

/** `values`: finite, of all pixels of the sides; at least one of them is inside. */
export function levelsOf(values: Float32Array, { within, without }: Sides): Levels {
  const found = new Float32Array(within.length);
  for (let i = 0; i < within.length; i++) found[i] = values[within[i]!]!;
  const own = sorted(found);
  const value = new Float32Array(own.length);
  const inside = new Uint32Array(own.length);
  let count = 0;
  for (let i = own.length - 1; i >= 0; i--) {
    if (count === 0 || own[i] !== value[count - 1]) value[count++] = own[i]!;
    inside[count - 1]!++;
  }
  const { outside, above } = countOutside(values, without, value.subarray(0, count));
  return { count, value, inside, outside, above };
}

/** Parts of the range for each level: so many that a part seldom has two. */
const PARTS = 8;

/** How many of the values at these pixels equal each level, and how many exceed it; `levels` descend. */
function countOutside(values: Float32Array, pixels: Int32Array, levels: Float32Array) {
  const count = levels.length;
  const [high, low] = [levels[0]!, levels[count - 1]!];
  const parts = PARTS * count;
  const scale = high > low ? (parts - 1) / (high - low) : 0;
  const first = new Int32Array(parts + 1); // first[part]: how many levels lie in the parts before
  for (let k = 0; k < count; k++) first[(((high - levels[k]!) * scale) | 0) + 1]!++;
  for (let part = 0; part < parts; part++) first[part + 1]! += first[part]!;
  const outside = new Uint32Array(count);
  const above = new Uint32Array(count);
  for (let i = 0; i < pixels.length; i++) {
    const value = values[pixels[i]!]!;
    if (value < low) continue;
    let k = 0;
    if (value < high) {
      const part = ((high - value) * scale) | 0;
      k = first[part]!;
      for (let end = first[part + 1]!; k < end;) {
        const middle = (k + end) >>> 1;
        if (levels[middle]! > value) k = middle + 1;
        else end = middle;
      }
    }
    if (levels[k] === value) outside[k]!++;
    else above[k]!++;
  }
  for (let k = 1; k < count; k++) above[k]! += above[k - 1]! + outside[k - 1]!;
  return { outside, above };
}

/** More values than this in one part of the range are sorted by themselves. */
const CROWD = 32;

/**
 * A copy in ascending order. Values are dealt to as many equal parts of their range as there are values, which puts nearly
 * all of them in place: for maps several times as fast as comparing them, and never much slower.
 */
export function sorted(values: Float32Array): Float32Array {
  const n = values.length;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? (n - 1) / (high - low) : 0;
  const ends = new Int32Array(n);
  for (let i = 0; i < n; i++) ends[((values[i]! - low) * scale) | 0]!++;
  for (let part = 0, start = 0; part < n; part++) {
    const count = ends[part]!;
    ends[part] = start;
    start += count;
  }
  const result = new Float32Array(n);
  for (let i = 0; i < n; i++) result[ends[((values[i]! - low) * scale) | 0]!++] = values[i]!;
  for (let part = 0, start = 0; part < n; start = ends[part++]!)
    if (ends[part]! - start > CROWD) result.subarray(start, ends[part]).sort();
  insert(result);
  return result;
}

/** Sorts what is nearly sorted: each value moves down past the greater ones before it. */
function insert(values: Float32Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let to = i;
    for (; to > 0 && values[to - 1]! > value; to--) values[to] = values[to - 1]!;
    values[to] = value;
  }
}
