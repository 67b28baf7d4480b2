// Small integer tensors known beforehand, as numbers.
import type { Graph } from '../graph/graph.ts';
import { numbersOf } from '../graph/tensor.ts';

/** The numbers of a constant of the graph, or null where the value is not one. */
export function staticNumbers(graph: Graph, name: string): readonly number[] | null {
  const constant = graph.constants.get(name);
  return constant === undefined ? null : Array.from(numbersOf(constant), Number);
}
