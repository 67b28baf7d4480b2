// Seeded random numbers, the same on every machine, whose state can be stored and taken up again: splits, samplers,
// augmentation, initial weights, bootstrap and randomisation tests all draw from here, never from Math.random.

/** Everything a generator needs to go on where it stopped: four 32-bit words, and a normal number kept for later. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/** xoshiro128** of Blackman and Vigna 2018 (https://prng.di.unimi.it), seeded through splitmix32. */
export class Random {
  private readonly words: Uint32Array;
  private spare: number | null;

  private constructor(words: Uint32Array, spare: number | null) {
    this.words = words;
    this.spare = spare;
  }

  /** A stream for a seed and the names of what it is for: `Random.of(3, 'augment', epoch, index)`. Different names, independent streams. */
  static of(seed: number, ...names: readonly (string | number)[]): Random {
    let state = 0x811c9dc5; // FNV-1a over the texts
    for (const text of [String(seed), ...names.map(String)]) {
      for (let index = 0; index < text.length; index++)
        state = Math.imul(state ^ text.charCodeAt(index), 0x01000193) >>> 0;
      state = Math.imul(state ^ 0xff, 0x01000193) >>> 0; // 'a', 'bc' is not 'ab', 'c'
    }
    return new Random(
      Uint32Array.from({ length: 4 }, () => {
        state = (state + 0x9e3779b9) >>> 0;
        let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
        word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
        return word ^ (word >>> 16);
      }),
      null,
    );
  }

  static from({ words, spare }: RandomState): Random {
    return new Random(Uint32Array.from(words), spare);
  }

  get state(): RandomState {
    const [a, b, c, d] = this.words;
    return { words: [a!, b!, c!, d!], spare: this.spare };
  }

  /** A whole number from 0 to 2^32 - 1. */
  word(): number {
    const words = this.words;
    const second = words[1]!;
    const product = Math.imul(second, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = second << 9;
    words[2]! ^= words[0]!;
    words[3]! ^= words[1]!;
    words[1]! ^= words[2]!;
    words[0]! ^= words[3]!;
    words[2]! ^= shifted;
    words[3] = (words[3]! << 11) | (words[3]! >>> 21);
    return result;
  }

  /** Evenly from [0, 1), with 53 bits. */
  unit(): number {
    return ((this.word() >>> 5) * 0x4000000 + (this.word() >>> 6)) / 0x20000000000000;
  }

  /** Evenly from [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** From the standard normal distribution (Marsaglia's polar method). */
  normal(): number {
    if (this.spare !== null) {
      const kept = this.spare;
      this.spare = null;
      return kept;
    }
    for (;;) {
      const x = this.between(-1, 1);
      const y = this.between(-1, 1);
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * factor;
      return x * factor;
    }
  }

  /** A new array in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [result[last], result[other]] = [result[other]!, result[last]!];
    }
    return result;
  }
}
