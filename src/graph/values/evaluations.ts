// The table of partial evaluation.
import { arithmetic } from './arithmetic.ts';
import type { Evaluation } from './evaluation.ts';
import { rearrangement } from './rearrangement.ts';

/** Operator of ONNX's own set -> evaluation. */
export const evaluations: Readonly<Record<string, Evaluation>> = { ...arithmetic, ...rearrangement };

/** How an operator's elements follow from its inputs', or undefined where that is not followed. */
export function evaluationOf(op: string, domain: string): Evaluation | undefined {
  return domain === '' && Object.hasOwn(evaluations, op) ? evaluations[op] : undefined;
}
