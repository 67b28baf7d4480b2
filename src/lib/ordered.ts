// Work that runs ahead, results in order.

/** Starts up to `ahead` calls of `work` before their results are asked for, and yields the results in the order of `items`. */
export async function* ordered<T, R>(
  items: readonly T[],
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const started: Promise<R>[] = [];
  let next = 0;
  const fill = (): void => {
    while (next < items.length && started.length < ahead) {
      const promise = work(items[next++]!);
      // A failure is thrown where its result is awaited; until then it must not count as unhandled.
      promise.catch(() => undefined);
      started.push(promise);
    }
  };
  for (fill(); started.length > 0; fill()) yield await started.shift()!;
}

/** Results of `work` for all items, in their order, at most `limit` calls at a time. */
export async function limited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for await (const result of ordered([...items.entries()], limit, ([index, item]) => work(item, index)))
    results.push(result);
  return results;
}

/** A bounded set of calls under way: `add` waits for room, `settle` for all. The first failure is thrown by either. */
export class Backlog {
  readonly #limit: number;
  readonly #open = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param limit - another limit for this one call */
  async add(work: () => Promise<void>, limit = this.#limit): Promise<void> {
    while (this.#open.size >= limit) await Promise.race(this.#open);
    this.#check();
    const promise: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#open.delete(promise));
    this.#open.add(promise);
  }

  async settle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** The batch, made smaller where that wastes fewer empty places: 14 samples run as 7 + 7, not 8 + 6. */
export function evenBatch(samples: number, batch: number): number {
  const rounds = Math.ceil(samples / batch);
  return rounds === 0 ? 1 : Math.ceil(samples / rounds);
}
