// The seam of TensorFlow's operators: one file per family in operators/, one line per operator in the table operators.ts.
import { GradcamError } from '../../lib/errors.ts';
import { knownNumbers, type Value } from '../../trace/forward.ts';
import type { GraphNode } from './node.ts';

/** What a node makes of its inputs: one value, or all of several. Control inputs are left out. */
export type Operator = (inputs: readonly Value[], node: GraphNode) => Value | readonly Value[];

/** The input at a place. Throws GradcamError where the node has fewer. */
export function inputAt(inputs: readonly Value[], place: number): Value {
  const value = inputs.at(place);
  if (value === undefined) {
    throw new GradcamError({ code: 'graph-model', what: `it has ${inputs.length} inputs`, expected: 'more of them' });
  }
  return value;
}

/** The numbers of an input that says what to compute: axes, sizes, borders. */
export function numbersAt(inputs: readonly Value[], place: number): number[] {
  return knownNumbers(inputAt(inputs, place));
}

/** The one number of such an input. */
export function numberAt(inputs: readonly Value[], place: number): number {
  const [number, ...others] = numbersAt(inputs, place);
  if (number === undefined || others.length > 0) {
    throw new GradcamError({
      code: 'graph-model',
      what: 'one number is needed',
      found: `${others.length + 1} numbers`,
    });
  }
  return number;
}

/** Numbers two by two, as borders are. */
export function pairsAt(inputs: readonly Value[], place: number): [number, number][] {
  const numbers = numbersAt(inputs, place);
  return Array.from({ length: Math.ceil(numbers.length / 2) }, (_, index) => [
    numbers[2 * index]!,
    numbers[2 * index + 1] ?? NaN,
  ]);
}

export const unary = (compute: (x: Value) => Value): Operator => {
  return (inputs) => compute(inputAt(inputs, 0));
};

export const binary = (compute: (a: Value, b: Value) => Value): Operator => {
  return (inputs) => compute(inputAt(inputs, 0), inputAt(inputs, 1));
};
