// Classes across runs: what a label means in each run, how probable each class is, which class a row explains.
// Runs are matched by class name, never by position: their class orders may differ.

/** What classes need to know of a run. */
export interface ClassHead {
  /** Index -> name, one per score shown: two for a binary model with a single logit. */
  readonly classes: readonly string[];
  /** Whether the names come from the user, or are "class 0", "class 1" ... */
  readonly named: boolean;
  readonly activation: 'softmax' | 'sigmoid' | 'none';
  /** Logits of the model: `classes.length`, or 1 for a binary model. */
  readonly logits: number;
  readonly logitScale: number;
}

/** Names for the scores of a model with `logits` outputs, from the names that a run has, if they fit. */
export function classNames(
  given: readonly string[] | undefined,
  logits: number,
): { classes: string[]; named: boolean } {
  const count = logits === 1 ? 2 : logits;
  if (given !== undefined && given.length === count) return { classes: [...given], named: true };
  return { classes: Array.from({ length: count }, (_, index) => `class ${index}`), named: false };
}

/** Logits of both sides of a binary model, `[-z, z]`; the logits themselves otherwise. */
export function twoSidedLogits(logits: Float32Array): Float32Array {
  return logits.length === 1 ? Float32Array.of(-logits[0]!, logits[0]!) : logits;
}

/**
 * Probability of each class. softmax(logitScale * z) where classes exclude each other; the sigmoid of each where the model
 * ends in one (multi-label), and for the two sides of a single logit.
 */
export function probabilities(
  logits: Float32Array,
  { activation, logitScale, logits: count }: ClassHead,
): Float64Array {
  const scaled = Float64Array.from(logits, (z) => z * logitScale);
  if (count === 1 || activation === 'sigmoid') return scaled.map((z) => 1 / (1 + Math.exp(-z)));
  const top = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scaled.map((z) => Math.exp(z - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Index of the greatest value; -1 where there is none (NaN). */
export function topIndex(values: Float64Array): number {
  let best = -1;
  for (const [index, value] of values.entries()) if (value > (best < 0 ? -Infinity : values[best]!)) best = index;
  return best;
}

/** The class that a text means in a run: its name, its name but for case, or its index. -1: no such class. */
export function classIndex(wanted: string, { classes }: Pick<ClassHead, 'classes'>): number {
  const named = indexOfName(wanted, classes);
  if (named >= 0) return named;
  const index = /^\d+$/.test(wanted.trim()) ? Number(wanted) : -1;
  return index < classes.length ? index : -1;
}

/** Whether a prediction is the label; null where the run's classes have no names, so that nobody can tell. */
export function isRight(predicted: number, label: string, head: Pick<ClassHead, 'classes' | 'named'>): boolean | null {
  const index = classIndex(label, head);
  return index < 0 && !head.named ? null : predicted === index;
}

/** Index of a name in equal spelling, else but for case and blanks around it; -1: none. */
export function indexOfName(wanted: string, names: readonly string[]): number {
  const exact = names.indexOf(wanted);
  return exact >= 0 ? exact : names.findIndex((name) => folded(name) === folded(wanted));
}

const folded = (name: string): string => name.trim().toLowerCase();

/**
 * The class with the highest mean probability over the runs, as a name in the spelling of the first run that has it: each
 * run votes with the classes it has, and a class counts only where every run has it, if there is any such class. null where
 * no run gives numbers.
 */
export function consensus(votes: readonly { head: ClassHead; probabilities: Float64Array }[]): string | null {
  const sums = new Map<string, { sum: number; runs: number }>();
  const spellings = new Map<string, string>();
  const valid = votes.filter((vote) => vote.probabilities.every(Number.isFinite));
  for (const { head, probabilities: values } of valid) {
    for (const [index, own] of head.classes.entries()) {
      const known = spellings.get(folded(own)) ?? own;
      const name = known === own || sums.has(own) || head.classes.includes(known) ? own : known; // "a" beside "A" is another class
      spellings.set(folded(own), known);
      const seen = sums.get(name) ?? { sum: 0, runs: 0 };
      sums.set(name, { sum: seen.sum + values[index]!, runs: seen.runs + 1 });
    }
  }
  const shared = [...sums].filter(([, { runs }]) => runs === valid.length);
  const candidates = shared.length > 0 ? shared : [...sums];
  let best: string | null = null;
  let mean = -1;
  for (const [name, { sum, runs }] of candidates) {
    if (sum / runs <= mean) continue;
    best = name;
    mean = sum / runs;
  }
  return best;
}

/**
 * Gives class names to runs that have none: those of a named run with the same number of classes, else the labels in
 * alphabetical order (as image folders are read) where their number fits. Returns the sentence that says so, or null.
 */
export function borrowNames(
  head: ClassHead,
  others: readonly ClassHead[],
  labels: readonly string[],
): { classes: readonly string[]; why: string } | null {
  if (head.named) return null;
  const twin = others.find((other) => other.named && other.classes.length === head.classes.length);
  if (twin !== undefined)
    return {
      classes: twin.classes,
      why: 'Class names and their order are taken from another run with the same number of classes.',
    };
  const sorted = [...new Set(labels)].sort();
  if (sorted.length !== head.classes.length) return null;
  return {
    classes: sorted,
    why: `Class order is taken to be alphabetical, as image folders are read: ${sorted.join(', ')}.`,
  };
}
