// How far a run is, as its checkpoint holds it.
import { GradcamError } from '../lib/errors.ts';
import type { EpochRow } from './history.ts';
import type { Scored } from './scores.ts';

export interface Progress {
  /** Epochs done. */
  readonly history: readonly EpochRow[];
  /** Epoch, counted from 1, with the highest macro-F1 of validation so far. */
  readonly best: { readonly epoch: number; readonly scored: Scored } | null;
  /** Scores of validation after the last epoch. */
  readonly last: Scored | null;
}

export interface StoredProgress {
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly step: number;
  readonly progress: Progress;
}

/** Options that may change when a run is taken up: nothing learnt depends on them. */
const FREE = new Set(['epochs', 'patience']);

/**
 * The progress in a checkpoint's meta. Throws GradcamError `resume-does-not-fit` where the run was begun with other options:
 * what it would end with then is neither the one nor the other.
 */
export function requireProgress(meta: unknown, recipe: Readonly<Record<string, unknown>>, run: string): StoredProgress {
  const stored = meta as StoredProgress;
  requireSameRecipe(stored.recipe, recipe, run);
  return stored;
}

/** Throws GradcamError `resume-does-not-fit`, naming what differs. */
export function requireSameRecipe(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  run: string,
): void {
  const fixed = (recipe: Readonly<Record<string, unknown>>, name: string): string =>
    JSON.stringify(recipe[name] ?? null);
  // What an older version did not write down is taken for equal.
  const differ = Object.keys(before).filter((name) => !FREE.has(name) && fixed(before, name) !== fixed(now, name));
  if (differ.length === 0) return;
  throw new GradcamError({
    code: 'resume-does-not-fit',
    what: `the run ${run} was begun with other options`,
    expected: differ.map((name) => `${name} ${fixed(before, name)}`).join(', '),
    found: differ.map((name) => `${name} ${fixed(now, name)}`).join(', '),
    hint: 'resume with the options and pictures it was begun with, choose another --out, or begin anew with --overwrite',
  });
}
