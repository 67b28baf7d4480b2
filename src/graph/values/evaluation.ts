// The seam of partial evaluation: small inputs, known at least in part, in; the outputs' elements out. One line per operator.
import type { TensorType } from '../graph.ts';
import type { RuleContext } from '../rules/rule.ts';
import type { SmallTensor } from './small.ts';

/** Elements of the outputs, in order, as far as they follow; `types` are the outputs' types by the operator's rule. */
export type Evaluation = (
  context: RuleContext,
  types: readonly (TensorType | undefined)[],
) => readonly (SmallTensor | undefined)[];
