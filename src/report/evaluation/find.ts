// The evaluation that a report shows: the one that is named, or the one that lies in the output folder and is of these runs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GradcamError } from '../../lib/errors.ts';
import { formatList } from '../../lib/format.ts';
import type { Evaluation } from './evaluation.ts';
import { readEvaluation } from './read.ts';

export interface FoundEvaluation {
  readonly evaluation: Evaluation | null;
  /** Sentences: what was found and not taken, what is missing in it. */
  readonly notes: readonly string[];
}

interface HashedRun {
  readonly name: string;
  /** SHA-256 of its files. */
  readonly sha256: string;
}

/**
 * Runs are told by their hash. One that was named must be readable; one that lies there is passed over, and said, where it is
 * of other runs or cannot be read. Throws GradcamError, see `readEvaluation`, and `other-runs` where none of the runs is in it.
 */
export async function findEvaluation(
  { evaluation: named, out }: { readonly evaluation: string | undefined; readonly out: string },
  runs: readonly HashedRun[],
): Promise<FoundEvaluation> {
  const file = named ?? join(out, 'evaluation.json');
  if (named === undefined && !existsSync(file)) return { evaluation: null, notes: [] };
  let evaluation: Evaluation;
  try {
    evaluation = await readEvaluation(file);
  } catch (error) {
    if (named !== undefined || !(error instanceof GradcamError)) throw error;
    return { evaluation: null, notes: [`${file} is not shown: it cannot be read as an evaluation.`] };
  }
  const known = new Set(evaluation.runs.map(({ sha256 }) => sha256));
  const missing = runs.filter(({ sha256 }) => !known.has(sha256));
  if (missing.length === 0) return { evaluation, notes: [`The evaluation was taken from ${file}.`] };
  const list = formatList(missing.map(({ name }) => name));
  if (named === undefined)
    return { evaluation: null, notes: [`${file} is not shown: it was made of other models (not of ${list}).`] };
  if (missing.length < runs.length)
    return { evaluation, notes: [`The evaluation was taken from ${file}; it has no numbers of ${list}.`] };
  throw new GradcamError({
    code: 'other-runs',
    what: `${file} was made of other models`,
    expected: `one of ${list}, by the SHA-256 of its files`,
    found: formatList(evaluation.runs.map(({ name, path }) => `${name} (${path})`)),
    hint: 'run gradcam evaluate with the same --models',
  });
}
