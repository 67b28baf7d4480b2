// Files damaged at random, from a seed: bytes flipped, cut, overwritten, and JSON whose numbers, keys and nesting are absurd.

export type Random = () => number;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A damaged copy. */
export function damagedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const place = (room = 0): number => Math.floor(random() * Math.max(1, copy.length - room));
  const kind = random();
  if (kind < 0.2) return copy.subarray(0, place());
  const times = 1 + Math.floor(random() * 8);
  for (let time = 0; time < times; time++) {
    if (kind < 0.6) copy[place()]! ^= 1 << Math.floor(random() * 8);
    else if (kind < 0.8) new DataView(copy.buffer).setUint32(place(4), Math.floor(random() * 2 ** 32), true);
    else
      new DataView(copy.buffer).setBigUint64(
        place(8),
        random() < 0.5 ? 2n ** 63n : BigInt(Math.floor(random() * copy.length)),
        true,
      );
  }
  return copy;
}

const ABSURD: readonly unknown[] = [
  -1,
  0,
  1e9,
  1e300,
  0.5,
  2 ** 53,
  '',
  'x',
  '../../../etc/passwd',
  null,
  true,
  [],
  {},
  [[]],
  [1e9, 1e9],
  [-1, -1],
  '__proto__',
];

/** Text of the JSON with some values replaced, removed or nested deep. */
export function damagedJson(text: string, random: Random): string {
  const value = JSON.parse(text) as unknown;
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      visit((holder as Record<string, unknown>)[key]);
    }
  };
  visit(value);
  const times = 1 + Math.floor(random() * 3);
  for (let time = 0; time < times; time++) {
    const { holder, key } = places[Math.floor(random() * places.length)]!;
    const kind = random();
    if (kind < 0.6) holder[key] = ABSURD[Math.floor(random() * ABSURD.length)];
    else if (kind < 0.8) delete holder[key];
    else if (kind < 0.9) holder[key] = nested(holder[key], 200);
    else {
      const other = places[Math.floor(random() * places.length)]!;
      holder[key] = structuredClone(other.holder[other.key]);
    }
  }
  return JSON.stringify(value);
}

function nested(value: unknown, depth: number): unknown {
  let result = value;
  for (let level = 0; level < depth; level++)
    result = level % 2 === 0 ? [result] : { class_name: 'Functional', config: result };
  return result;
}
