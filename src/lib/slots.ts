// A bounded number of things at a time, in the order in which they asked, and the time in which any was under way.

export class Slots {
  #free: number;
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];
  #busyMs = 0;
  #busySince = 0;

  constructor(size: number) {
    this.#size = size;
    this.#free = size;
  }

  /** Milliseconds in which at least one piece of work was under way. */
  get busyMs(): number {
    return this.#busyMs + (this.#free < this.#size ? performance.now() - this.#busySince : 0);
  }

  /** Does `work` as soon as there is room and everything that asked before has begun. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#take();
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#give();
      else next(); // the slot goes from hand to hand
    }
  }

  #take(): void {
    if (this.#free === this.#size) this.#busySince = performance.now();
    this.#free--;
  }

  #give(): void {
    this.#free++;
    if (this.#free === this.#size) this.#busyMs += performance.now() - this.#busySince;
  }
}
