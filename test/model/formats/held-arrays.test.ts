// Arrays of graphs that lie in one place and are wanted in different orders.
import { expect, it } from 'vitest';
import { constantOf, numbersOf } from '../../../src/graph/tensor.ts';
import { heldArrays } from '../../../src/model/tensorflow/held-arrays.ts';
import type { GraphNode } from '../../../src/model/tensorflow/node.ts';
import * as ops from '../../../src/trace/forward.ts';
import { record } from '../../../src/trace/tracer.ts';

const node = (name: string, op: string, inputs: string[] = []): GraphNode => ({ name, op, inputs, attribute: () => undefined }); // prettier-ignore
const values = [1, 2, 3, 4, 5, 6];
const array = () => constantOf('float32', [1, 1, 2, 3], Float32Array.from(values));

it('an array that is a filter under one name and plain numbers under another stays as it lies for the other', () => {
  const shared = array();
  const nodes = [node('filter', 'Const'), node('numbers', 'Const'), node('y', 'Conv2D', ['x', 'filter'])];
  const arrays = new Map([
    ['filter', shared],
    ['numbers', { ...shared }],
  ]);
  const held = heldArrays(nodes, arrays);
  const graph = record((tracer) => {
    const [filter, numbers] = nodes.map((of) => held(of));
    const x = tracer.input('x', { dtype: 'float32', shape: [1, 1, 2, 3] });
    return { y: ops.add(ops.mul(x, numbers!), ops.sum(filter!)) };
  });
  const six = [...graph.constants.values()].filter(({ shape }) => shape.reduce((a, b) => a * b, 1) === 6);
  expect(six.map((constant) => Array.from(numbersOf(constant)))).toContainEqual(values);
});

it('a filter behind nodes that pass it on lies as ONNX wants it', () => {
  const nodes = [node('filter', 'Const'), node('read', 'Identity', ['filter']), node('y', 'Conv2D', ['x', 'read'])];
  const filter = array();
  const value = heldArrays(nodes, new Map([['filter', filter]]))(nodes[0]!);
  expect(value).toMatchObject({ shape: [1, 1, 2, 3], order: [3, 2, 0, 1] });
  expect(Array.from(numbersOf(filter))).toEqual([1, 4, 2, 5, 3, 6]);
});
