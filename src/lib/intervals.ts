// Intervals of time, some of which overlap, and how long they last together.

/** Milliseconds on a clock that all threads of the process share, from some point in the past. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What lasts side by side counts once. */
export class Intervals {
  /** Disjoint, in order. */
  readonly #all: { from: number; to: number }[] = [];

  /** Quickest where intervals come about in the order in which they end. */
  add(from: number, to: number): void {
    let place = this.#all.length;
    while (place > 0 && this.#all[place - 1]!.from > to) place--;
    let first = place;
    const joined = { from, to };
    while (first > 0 && this.#all[first - 1]!.to >= from) {
      first--;
      joined.from = Math.min(joined.from, this.#all[first]!.from);
      joined.to = Math.max(joined.to, this.#all[first]!.to);
    }
    this.#all.splice(first, place - first, joined);
  }

  /** Milliseconds in which at least one lasted. */
  get total(): number {
    return this.#all.reduce((sum, { from, to }) => sum + to - from, 0);
  }
}
