// The table of TensorFlow's operators that can be recorded: a new one is one entry in a family's file.
import type { Operator } from './operator.ts';
import { elementwiseOperators, passingOperators } from './operators/elementwise.ts';
import { imageOperators } from './operators/images.ts';
import { shapeOperators } from './operators/shapes.ts';
import { sumOperators } from './operators/sums.ts';

export const operators: ReadonlyMap<string, Operator> = new Map(
  [elementwiseOperators, imageOperators, passingOperators, shapeOperators, sumOperators].flatMap((family) =>
    Object.entries(family),
  ),
);
