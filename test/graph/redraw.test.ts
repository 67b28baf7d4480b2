import { expect, test } from 'vitest';
import type { Constant, Graph, Node } from '../../src/graph/graph.ts';
import { redraw, weightedNodes } from '../../src/graph/passes/redraw.ts';
import { constantOf, numbersOf } from '../../src/graph/tensor.ts';

const node = (op: string, inputs: string[], output: string): Node => ({
  op,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes: {},
});
const float = (shape: number[], of: (i: number) => number): Constant =>
  constantOf(
    'float32',
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
  );
const graph: Graph = {
  opset: 18,
  domains: {},
  inputs: [{ name: 'x', type: { dtype: 'float32', shape: [1, 3, 4, 4] } }],
  outputs: [{ name: 'z', type: { dtype: 'float32', shape: [1, 5] } }],
  nodes: [
    node('Add', ['x', 'pixel mean'], 'centred'),
    node('Conv', ['centred', 'filters', 'bias'], 'c'),
    node('BatchNormalization', ['c', 'gain', 'shift', 'mean', 'variance'], 'n'),
    node('Reshape', ['n', 'shape'], 'flat'),
    node('Mul', ['flat', 'one'], 'scaled'),
    node('MatMul', ['scaled', 'matrix'], 'm'),
    node('Add', ['m', 'head bias'], 'z'),
  ],
  constants: new Map([
    ['pixel mean', float([3, 1, 1], (i) => i)],
    ['filters', float([4, 3, 3, 3], (i) => 2 * Math.sin(i))],
    ['bias', float([4], (i) => i)],
    ...['gain', 'shift', 'mean', 'variance'].map((name): [string, Constant] => [name, float([4], (i) => 1 + i)]),
    ['shape', constantOf('int64', [2], [1, 64])],
    ['one', float([], () => 2)],
    ['matrix', float([64, 5], (i) => 1 + Math.cos(i))],
    ['head bias', float([5], (i) => i)],
  ]),
  types: new Map(),
};
const of = (name: string, from = graph): number[] => Array.from(numbersOf(from.constants.get(name)!));

test('layers with weights, from the head down; what comes before the first is no weight', () => {
  expect(weightedNodes(graph).map(({ node: { name }, weights }) => [name, ...weights])).toEqual([
    ['z', 'head bias'],
    ['m', 'matrix'],
    ['n', 'gain', 'shift', 'mean', 'variance'],
    ['c', 'filters', 'bias'],
  ]);
});

test('filters come from a normal distribution of their own width, vectors keep their values in another order', () => {
  const drawn = redraw(graph, ['filters', 'variance', 'matrix'], 1);
  const width = (values: number[]): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  expect(width(of('filters', drawn))).toBeCloseTo(Math.SQRT2, 0);
  expect(of('filters', drawn)).not.toEqual(of('filters'));
  expect(of('variance', drawn).sort()).toEqual(of('variance').sort());
  const mean = of('matrix', drawn).reduce((a, b) => a + b, 0) / 320;
  expect(Math.abs(mean)).toBeLessThan(0.15); // around 0, where it was around 1
  expect(of('bias', drawn)).toEqual(of('bias'));
  expect(graph.constants.get('shape')).toBe(drawn.constants.get('shape'));
});

test('a constant is drawn the same whichever others are, and by its seed', () => {
  const [one, more, other] = [
    redraw(graph, ['matrix'], 1),
    redraw(graph, ['filters', 'matrix'], 1),
    redraw(graph, ['matrix'], 2),
  ];
  expect(of('matrix', more)).toEqual(of('matrix', one));
  expect(of('matrix', other)).not.toEqual(of('matrix', one));
});
