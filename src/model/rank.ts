// Which of several model files of one run is meant: the model itself, the best checkpoint, the last one. Names alone decide,
// as training tools give them: `best.pth`, `epoch=9-val_acc=0.91.ckpt`, `last.ckpt`, `checkpoint-500/model.safetensors`.
import { naturalCompare } from '../lib/names.ts';

export interface Ranked {
  /** Best first. */
  readonly names: readonly string[];
  /** Why the first one is, as the end of a sentence. */
  readonly why: string;
}

interface Metric {
  readonly name: string;
  readonly value: number;
  readonly higherIsBetter: boolean;
}

/** Words of metrics at the end of a name, those that say most first. A training metric tells nothing about the best. */
const HIGHER =
  /(?:(?:val|valid|validation|eval|test|dev)_)?(?:balanced_acc(?:uracy)?|bacc|acc(?:uracy)?1?|top1|f1|macro_f1|auc|auroc|kappa|iou|dice|map|score)$/i;
const LOWER = /(?:(?:val|valid|validation|eval|test|dev)_)?(?:loss|error|err)$/i;

/**
 * Ranks paths relative to the folder of the run. `order` gives the place of a file's format: of one network in several
 * formats the first is taken. Never empty-handed: the result has every name.
 */
export function rank(names: readonly string[], order: (name: string) => number): Ranked {
  const metric = sharedMetric(names);
  const entries = names.map((name) => ({ name, stem: stemOf(name), ...standingOf(name, metric) }));
  const sorted = entries.sort(
    (a, b) =>
      a.place - b.place ||
      b.merit - a.merit ||
      naturalCompare(skeletonOf(a.stem), skeletonOf(b.stem)) ||
      compareNumbers(numbersOf(b.stem), numbersOf(a.stem)) ||
      order(a.name) - order(b.name) ||
      naturalCompare(a.name, b.name),
  );
  const [first, ...others] = sorted;
  return { names: sorted.map(({ name }) => name), why: first === undefined ? '' : whyOf(first, others) };
}

interface Standing {
  readonly place: number;
  /** Value of the metric, the sign turned where lower is better; -Infinity without one. */
  readonly merit: number;
  readonly metric: Metric | null;
}

const PLACES = { model: 0, best: 1, measured: 2, last: 3, other: 4 } as const;

function standingOf(name: string, shared: string | null): Standing {
  const stem = stemOf(name);
  const metric = metricsOf(stem).find((found) => found.name === shared) ?? null;
  const merit = metric === null ? -Infinity : metric.higherIsBetter ? metric.value : -metric.value;
  const base = stem.slice(stem.lastIndexOf('/') + 1);
  let place: number = PLACES.other;
  if (/^(pytorch_|tf_)?model$/.test(base)) place = PLACES.model;
  else if (base.includes('best')) place = PLACES.best;
  else if (metric !== null) place = PLACES.measured;
  else if (/(^|[^a-z])(last|final|latest)([^a-z]|$)/.test(base)) place = PLACES.last;
  return { place, merit, metric };
}

function whyOf(
  first: Standing & { readonly stem: string },
  others: readonly (Standing & { readonly stem: string })[],
): string {
  const { place, metric, stem } = first;
  if (metric !== null && others.some((other) => other.place === place && other.metric !== null))
    return `the best ${metric.name} (${metric.value})`;
  if (place === PLACES.best) return 'the best by its name';
  if (place === PLACES.last) return 'the last by its name';
  const alike = others.filter((other) => other.place === place && skeletonOf(other.stem) === skeletonOf(stem));
  if (alike.some((other) => compareNumbers(numbersOf(other.stem), numbersOf(stem)) !== 0)) return 'the highest number';
  if (alike.length > 0) return 'the format that holds most';
  return place === PLACES.model ? 'the model by its name' : 'the first by name';
}

/** The metric that at least two names carry; where there are several, one that grows with quality. */
function sharedMetric(names: readonly string[]): string | null {
  const all = names.map((name) => metricsOf(stemOf(name)));
  const counts = new Map<string, number>();
  for (const metrics of all) for (const { name } of metrics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const shared = all.flat().filter(({ name }) => (counts.get(name) ?? 0) > 1);
  return (shared.find(({ higherIsBetter }) => higherIsBetter) ?? shared[0])?.name ?? null;
}

/** `val_acc=0.91`, `val_acc_0.91`, `loss-0.3`: a metric's name, then a number with a decimal point. */
function metricsOf(stem: string): Metric[] {
  return [...stem.matchAll(/([a-z][a-z0-9_/]*?)[=:_-]+(\d+\.\d+)/g)].flatMap(([, words = '', number]) => {
    if (words.includes('train')) return [];
    const higher = HIGHER.exec(words)?.[0];
    const lower = LOWER.exec(words)?.[0];
    const name = higher ?? lower;
    return name === undefined ? [] : [{ name, value: Number(number), higherIsBetter: higher !== undefined }];
  });
}

/** Without the ending, `/` between folders, small letters. */
function stemOf(name: string): string {
  return name
    .replaceAll('\\', '/')
    .toLowerCase()
    .replace(/\.(pth|pt)\.tar$/, '')
    .replace(/\.[a-z][a-z0-9]*$/, '');
}

const NUMBER = /\d+(?:\.\d+)?/g;

/** Names that differ in their numbers alone are of one series: epochs, steps. */
const skeletonOf = (stem: string): string => stem.replace(NUMBER, '#');
const numbersOf = (stem: string): number[] => (stem.match(NUMBER) ?? []).map(Number);

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : a[at]! - (b[at] ?? 0);
}
