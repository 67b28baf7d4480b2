// Which class each cell explains: one policy for the whole report, resolved per sample and run by class name.
import { classIndex, consensus, probabilities, topIndex, twoSidedLogits, type ClassHead } from './classes.ts';
import { unknownName } from './lib/names.ts';

/** `label`, `predicted`, `consensus`, or a class name or index; null: the label where one is known, else consensus. */
export type TargetPolicy = string | null;

export interface CellTarget {
  /** Index among the run's classes; -1: the run's own top class. */
  readonly index: number;
  /** What the reader must know, or null. */
  readonly note: string | null;
}

/** Whether the class to explain can depend on the logits of all runs. */
export function needsVote(policy: TargetPolicy, labels: readonly (string | null)[], runs: number): boolean {
  if (runs < 2) return false;
  if (policy === 'consensus') return true;
  return (policy === null || policy === 'label') && labels.some((label) => label === null);
}

const POLICIES = ['label', 'predicted', 'consensus'];

/** Throws GradcamError `unknown-class` where a class is asked for that no run has. */
export function requireKnownTarget(policy: TargetPolicy, heads: readonly ClassHead[]): void {
  if (policy === null || POLICIES.includes(policy) || referenceOf(policy) !== null) return;
  if (heads.some((head) => classIndex(policy, head) >= 0)) return;
  throw unknownName('class', policy, [...POLICIES, ...new Set(heads.flatMap((head) => head.classes))]);
}

/**
 * Targets of one sample, one per run. `votes` are the runs' logits, null where a run gave none or where the policy does
 * not need them.
 */
export function cellTargets(
  policy: TargetPolicy,
  label: string | null,
  heads: readonly ClassHead[],
  votes: readonly (Float32Array | null)[],
): CellTarget[] {
  const predicted = (note: string | null): CellTarget => ({ index: -1, note });
  if (policy === 'predicted' || referenceOf(policy) !== null) return heads.map(() => predicted(null));
  const wanted = wantedClass(policy, label, heads, votes);
  if (wanted === null) return heads.map(() => predicted(null));
  return heads.map((head) => {
    const index = classIndex(wanted, head);
    if (index >= 0) return { index, note: null };
    return predicted(`This run has no class "${wanted}": its own prediction is explained instead.`);
  });
}

function wantedClass(
  policy: TargetPolicy,
  label: string | null,
  heads: readonly ClassHead[],
  votes: readonly (Float32Array | null)[],
): string | null {
  if (policy !== null && policy !== 'label' && policy !== 'consensus') return policy;
  if (policy !== 'consensus' && label !== null) return label;
  if (heads.length < 2) return null;
  const cast = heads.flatMap((head, index) => {
    const logits = votes[index];
    return logits == null ? [] : [{ head, probabilities: probabilities(twoSidedLogits(logits), head) }];
  });
  return consensus(cast);
}

/** The class meant by an index; -1 is the top one of these logits. */
export function explainedClass(index: number, logits: Float32Array): number {
  return index >= 0 ? index : topIndex(Float64Array.from(twoSidedLogits(logits)));
}

const SIMILAR = 'similar:';

/** The reference picture of `similar:FILE`; null for every other policy. */
export function referenceOf(policy: TargetPolicy): string | null {
  return policy?.startsWith(SIMILAR) === true ? policy.slice(SIMILAR.length) : null;
}

export interface Prediction {
  readonly index: number;
  readonly name: string;
  readonly probability: number;
}

const TOP = 5;

/** The classes in order of probability, the first five; empty where the logits are not numbers. */
export function ranking(logits: Float32Array, head: ClassHead): Prediction[] {
  const values = probabilities(twoSidedLogits(logits), head);
  if (topIndex(values) < 0 || values.some(Number.isNaN)) return [];
  return [...values.keys()]
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, TOP)
    .map((index) => ({ index, name: head.classes[index]!, probability: values[index]! }));
}
