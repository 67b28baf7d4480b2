import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { float, int, ints } from '../../src/graph/attributes.ts';
import type { Graph, Node, TensorType } from '../../src/graph/graph.ts';
import { infer, inferTypes } from '../../src/graph/infer.ts';
import { constantOf, isKnown } from '../../src/graph/tensor.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { float32, floats, graphOf, longs, node, noise, port, run } from '../onnx/models.ts';

const unknown: TensorType = { dtype: 'float32', shape: null };

/** PyTorch's `x.view(x.size(0), -1)` as its exporter writes it, after a convolution. */
const flattening = graphOf({
  inputs: [port('x', float32(null, 3, null, null))],
  outputs: [port('y', unknown)],
  nodes: [
    node('Conv', ['x', 'w'], ['c'], { strides: ints([2, 2]) }),
    node('Shape', ['c'], ['s']),
    node('Gather', ['s', 'zero'], ['n'], { axis: int(0) }),
    node('Unsqueeze', ['n', 'axes'], ['u']),
    node('Concat', ['u', 'rest'], ['v'], { axis: int(0) }),
    node('Reshape', ['c', 'v'], ['y']),
  ],
  constants: new Map([
    ['w', floats([4, 3, 3, 3], [...noise([108])])],
    ['zero', constantOf('int64', [], [0])],
    ['axes', longs(0)],
    ['rest', longs(-1)],
  ]),
});

test('with the input fixed, shape arithmetic is worked out and its nodes are gone', () => {
  const graph = inferTypes(flattening, { x: [2, 3, 9, 9] });
  expect(graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'Reshape']);
  expect([...graph.constants.keys()].sort()).toEqual(['v', 'w']);
  expect(graph.constants.get('v')).toEqual(longs(2, -1));
  expect(graph.inputs).toEqual([port('x', float32(2, 3, 9, 9))]);
  expect(graph.outputs).toEqual([port('y', float32(2, 64))]);
  expect(graph.types.get('c')).toEqual(float32(2, 4, 4, 4));
});

test('with an open batch, what is known of a shape still goes through', () => {
  const graph = inferTypes(flattening, { x: [null, 3, 9, 9] });
  expect(graph.types.get('c')).toEqual(float32(null, 4, 4, 4));
  expect(graph.types.get('y')?.shape).toHaveLength(2);
  const copying = graphOf({
    ...flattening,
    nodes: [node('Conv', ['x', 'w'], ['c'], { strides: ints([2, 2]) }), node('Reshape', ['c', 'keep'], ['y'])],
    constants: new Map([...flattening.constants, ['keep', longs(0, -1)]]),
    inputs: [port('x', float32(null, 3, 9, 9))],
  });
  expect(inferTypes(copying).outputs).toEqual([port('y', float32(null, 64))]);
});

test('a graph without shapes says nothing false', () => {
  const graph = inferTypes({ ...flattening, inputs: [port('x', unknown)] });
  expect(graph.types.get('c')).toEqual({ dtype: 'float32', shape: null });
  expect(graph.nodes).toHaveLength(6);
});

describe('what has no rule', () => {
  const odd: Node = { ...node('Odd', ['x'], ['h']), domain: 'elsewhere' };
  const graph = (types: Graph['types']): Graph =>
    graphOf({
      inputs: [port('x', float32(1, 2))],
      outputs: [port('y', unknown)],
      nodes: [odd, node('Relu', ['h'], ['y'])],
      types,
    });

  test('leaves its outputs out', () => {
    const inferred = infer(graph(new Map()));
    expect(inferred.graph.types.has('h')).toBe(false);
    expect(inferred.problems).toEqual([]);
  });

  test('keeps what the file says, for the shapes that it was written for', () => {
    const types = new Map([['h', float32(1, 5)]]);
    expect(inferTypes(graph(types)).outputs).toEqual([port('y', float32(1, 5))]);
    expect(inferTypes(graph(types), { x: [3, 2] }).types.get('h')).toEqual(unknown);
  });
});

test('the rule counts where the file says something else; the file fills what the rule leaves open', () => {
  const graph = graphOf({
    inputs: [port('x', float32(2, 3))],
    outputs: [port('y', unknown), port('z', unknown)],
    nodes: [node('Relu', ['x'], ['y']), node('NonZero', ['x'], ['n']), node('Cast', ['n'], ['z'], { to: int(1) })],
    types: new Map<string, TensorType>([
      ['y', float32(7, 7)],
      ['n', { dtype: 'int64', shape: [2, 4] }],
    ]),
  });
  const { types } = inferTypes(graph);
  expect(types.get('y')).toEqual(float32(2, 3));
  expect(types.get('z')).toEqual(float32(2, 4));
});

test('Identity of a constant of any size is the constant; a graph output stays a node', () => {
  const weights = floats([2000], [...noise([2000])]);
  const graph = graphOf({
    inputs: [port('x', float32(2000))],
    outputs: [port('y', unknown), port('k', unknown)],
    nodes: [node('Identity', ['w'], ['v']), node('Mul', ['x', 'v'], ['y']), node('Identity', ['w'], ['k'])],
    constants: new Map([['w', weights]]),
  });
  const inferred = inferTypes(graph);
  expect(inferred.nodes.map(({ op }) => op)).toEqual(['Mul', 'Identity']);
  expect(inferred.constants.get('v')).toBe(weights);
});

test('values that a body captures are not dropped', () => {
  const graph = graphOf({
    inputs: [port('x', float32(2))],
    outputs: [port('y', unknown)],
    nodes: [node('Shape', ['x'], ['s']), { ...node('If', ['c'], ['y']), captures: ['s', 'w'] }],
    constants: new Map([
      ['c', constantOf('bool', [], [1])],
      ['w', floats([1], [1])],
    ]),
  });
  expect(inferTypes(graph).constants.get('s')).toEqual(longs(2));
  expect(inferTypes(graph).constants.has('w')).toBe(true);
});

test('what cannot run is a problem of its node, and inference goes on', () => {
  const graph = graphOf({
    inputs: [port('x', float32(2, 3))],
    outputs: [port('y', unknown)],
    nodes: [node('MatMul', ['x', 'w'], ['h']), node('LeakyRelu', ['h'], ['y'], { alpha: float(0.1) })],
    constants: new Map([['w', floats([4, 5], [...noise([20])])]]),
  });
  const { problems, graph: inferred } = infer(graph);
  expect(problems.map(({ node: { op }, message }) => `${op}: ${message}`)).toEqual([
    'MatMul: inner dimensions: 3 and 4',
  ]);
  expect(inferred.types.get('y')).toEqual(float32(2, 5));
});

test('absurd sizes are left alone', () => {
  const graph = graphOf({
    inputs: [],
    outputs: [port('y', unknown)],
    nodes: [
      node('ConstantOfShape', ['huge'], ['a']),
      node('Range', ['zero', 'much', 'one'], ['r']),
      node('Expand', ['one', 'huge'], ['e']),
      node('Concat', ['r', 'r'], ['y'], { axis: int(0) }),
    ],
    constants: new Map([
      ['huge', longs(2 ** 40, 2 ** 40)],
      ['zero', constantOf('int64', [], [0])],
      ['one', constantOf('int64', [], [1])],
      ['much', constantOf('int64', [], [2 ** 50])],
    ]),
  });
  const { types } = inferTypes(graph);
  expect(types.get('r')).toEqual({ dtype: 'int64', shape: [2 ** 50] });
  expect(types.get('a')?.shape).toEqual([2 ** 40, 2 ** 40]);
});

const fixtures = resolve(import.meta.dirname, '../../../shared/fixtures');
const real = ['demo/runs/ce/model.onnx', 'demo/extra/model-dynamo.onnx', 'efficientnet-lite0/model.onnx'];
describe.skipIf(!existsSync(fixtures))('files of real exporters', () => {
  test.each(real)('%s: every shape is that of a run, and the graph computes the same', async (name) => {
    const file = resolve(fixtures, name);
    const { graph } = decodeModel(readFileSync(file), { folder: dirname(file), source: name });
    const shape = (graph.inputs[0]?.type.shape ?? []).map((dim) => dim ?? 2);
    const inferred = inferTypes(graph, { input: shape });
    const feeds = { input: { dtype: 'float32', shape, values: noise(shape) } } as const;
    const inner = inferred.nodes.flatMap((each) => each.outputs);
    const open = inner.filter((value) => !isKnown(inferred.types.get(value)?.shape ?? [null]));
    expect(open).toEqual([]);

    const outputs = inner.map((value) => port(value, { ...(inferred.types.get(value) ?? unknown), shape: null }));
    const measured = await run(encodeModel({ ...graph, outputs, types: new Map() }), feeds);
    for (const value of inner) expect(inferred.types.get(value)?.shape, value).toEqual(measured[value]?.shape);
    const again = await run(encodeModel(inferred), feeds);
    expect(again['logits']?.values).toEqual(measured['logits']?.values);
  });
});
