// Options of losses, checked: every loss reads its own by name, with a default, and says at the end that it read them all.
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';

/** The reader of one loss's options. */
export class LossOptions {
  private readonly loss: string;
  private readonly given: ReadonlyMap<string, unknown>;
  private readonly read = new Set<string>();

  constructor(loss: string, given: object) {
    this.loss = loss;
    this.given = new Map(Object.entries(given).filter(([, value]) => value !== undefined));
  }

  /** A number from `min` to `max`; without a default it has to be given. */
  number(name: string, fallback: number | null, min = 0, max = Infinity): number {
    const value = this.take(name) ?? fallback;
    if (value === null) throw this.missing(name, 'a number');
    if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return value;
    throw this.bad(name, max === Infinity ? `a number, ${min} or above` : `a number, ${min} to ${max}`, value);
  }

  /** A number above 0. */
  positive(name: string, fallback: number): number {
    const value = this.number(name, fallback);
    if (value > 0) return value;
    throw this.bad(name, 'a number above 0', value);
  }

  /** A number between both ends, neither of them itself. */
  between(name: string, fallback: number, low: number, high: number): number {
    const value = this.number(name, fallback, low, high);
    if (value > low && value < high) return value;
    throw this.bad(name, `a number between ${low} and ${high}`, value);
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.take(name) ?? fallback;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw this.bad(name, `one of ${choices.join(', ')}`, value);
    return found;
  }

  /**
   * Pictures of each class in the training data; they have to be given. A class without pictures is treated as the rarest one that
   * has some: its label never comes up, and it must not bend margins, weights or priors of the others.
   */
  counts(name = 'classCounts'): number[] {
    const counts = this.optionalCounts(name);
    if (counts === null) throw this.missing(name, 'pictures of each class in the training data');
    return counts;
  }

  /** The same, or null where none are given. */
  optionalCounts(name = 'classCounts'): number[] | null {
    const counts = this.numbers(name, 'pictures of each class, whole numbers from 0 on', (n) => Number.isInteger(n));
    if (counts === null) return null;
    const present = counts.filter((count) => count > 0);
    if (present.length === 0) throw this.bad(name, 'at least one class with pictures', counts);
    const rarest = Math.min(...present);
    return counts.map((count) => (count > 0 ? count : rarest));
  }

  /** A weight for each class, or null where none are given. */
  weights(name = 'classWeights'): number[] | null {
    const weights = this.numbers(name, 'a number for each class, 0 or above, one of them above 0', () => true);
    if (weights !== null && !weights.some((weight) => weight > 0)) {
      throw this.bad(name, 'a weight above 0 for at least one class', weights);
    }
    return weights;
  }

  /** Call when all options are read: what is left over has no meaning. Throws GradcamError `unknown-option`. */
  end(): void {
    const strange = [...this.given.keys()].find((name) => !this.read.has(name));
    if (strange === undefined) return;
    const { parts } = unknownName('option', strange, [...this.read]);
    throw new GradcamError({ ...parts, what: `the loss ${this.loss} has no option "${strange}"` });
  }

  private take(name: string): unknown {
    this.read.add(name);
    return this.given.get(name) ?? null;
  }

  private numbers(name: string, expected: string, isGood: (value: number) => boolean): number[] | null {
    const value = this.take(name);
    if (value === null) return null;
    const items: unknown[] = Array.isArray(value) ? value : [];
    const numbers = items.filter(
      (item): item is number => typeof item === 'number' && Number.isFinite(item) && item >= 0 && isGood(item),
    );
    if (numbers.length === 0 || numbers.length !== items.length) throw this.bad(name, expected, value);
    return numbers;
  }

  private missing(name: string, expected: string): GradcamError {
    const what = `the loss ${this.loss} needs the option ${name}`;
    return new GradcamError({ code: 'missing-option', what, expected });
  }

  private bad(name: string, expected: string, value: unknown): GradcamError {
    const found = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
    return new GradcamError({
      code: 'bad-option',
      what: `the option ${name} of the loss ${this.loss} is wrong`,
      expected,
      found,
    });
  }
}
