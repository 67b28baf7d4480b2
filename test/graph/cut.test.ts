import { expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { cutGraph, prune } from '../../src/graph/cut.ts';
import type { Graph, Node, TensorType } from '../../src/graph/graph.ts';
import { constantOf } from '../../src/graph/tensor.ts';

const type: TensorType = { dtype: 'float32', shape: [1, 4] };

/** Nodes as `out = Op(in, ...)`, in order; `w` is a constant, `x` the input. */
function graphOf(lines: readonly string[], outputs: readonly string[]): Graph {
  const nodes = lines.map((line): Node => {
    const [, made, op, read] = /^(.*) = (\w+)\((.*)\)$/.exec(line) ?? [];
    const split = (names = '') => names.split(', ').filter((name) => name !== '');
    return { op: op ?? '', domain: '', name: '', inputs: split(read), outputs: split(made), attributes: {} };
  });
  return {
    opset: 18,
    domains: {},
    inputs: [{ name: 'x', type }],
    outputs: outputs.map((name) => ({ name, type })),
    nodes,
    constants: new Map([
      ['w', constantOf('float32', [1], [1])],
      ['unused', constantOf('float32', [1], [1])],
    ]),
    types: new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, type] as const))),
  };
}
const made = (nodes: readonly Node[]) => nodes.flatMap((node) => node.outputs);

test('a skip connection around the tap comes in through the frontier', () => {
  const graph = graphOf(
    ['stem = Relu(x)', 'a = Mul(stem, w)', 'tap = Relu(a)', 'b = Add(tap, stem)', 'y = Mul(b, w)'],
    ['y'],
  );
  const cut = cutGraph(graph, ['tap'], ['y']);
  expect(made(cut.head)).toEqual(['stem', 'a', 'tap']);
  expect(made(cut.tail)).toEqual(['b', 'y']);
  expect(cut.frontier).toEqual(['tap', 'stem']);
});

test('the graph input is part of the frontier where the tail reads it', () => {
  const cut = cutGraph(graphOf(['tap = Relu(x)', 'y = Add(tap, x)'], ['y']), ['tap'], ['y']);
  expect(made(cut.head)).toEqual(['tap']);
  expect(cut.frontier).toEqual(['tap', 'x']);
});

test('what the outputs do not need is in neither part', () => {
  const graph = graphOf(['tap = Relu(x)', 'dead = Exp(tap)', 'side = Exp(x)', 'y = Mul(tap, w)'], ['y']);
  const cut = cutGraph(graph, ['tap'], ['y']);
  expect([...made(cut.head), ...made(cut.tail)]).toEqual(['tap', 'y']);
});

test('shape arithmetic that does not depend on the tap stays in the head', () => {
  const graph = graphOf(['s = Shape(x)', 'tap = Relu(x)', 'y = Reshape(tap, s)'], ['y']);
  const cut = cutGraph(graph, ['tap'], ['y']);
  expect(made(cut.head)).toEqual(['s', 'tap']);
  expect(cut.frontier).toEqual(['tap', 's']);
});

test('a tap downstream of another is produced in the tail, and the input itself can be tapped', () => {
  const graph = graphOf(['t1 = Relu(x)', 't2 = Exp(t1)', 'y = Add(t2, w)'], ['y']);
  const cut = cutGraph(graph, ['t1', 't2'], ['y']);
  expect(made(cut.tail)).toEqual(['t2', 'y']);
  expect(cut.frontier).toEqual(['t1']);
  expect(cutGraph(graph, ['x'], ['y'])).toMatchObject({ head: [], frontier: ['x'] });
});

test('an output beside the tap is produced by the head; a tap without influence leaves no tail', () => {
  const graph = graphOf(['a = Relu(x)', 'tap = Exp(x)'], ['a']);
  const cut = cutGraph(graph, ['tap'], ['a']);
  expect(cut).toMatchObject({ tail: [], frontier: ['tap'] });
  expect(made(cut.head)).toEqual(['a', 'tap']);
});

test('values that the body of a node captures count as read', () => {
  const plain = graphOf(['a = Relu(x)', 'c = Exp(x)', 'y = If(c)'], ['y']);
  const nodes = plain.nodes.map((node) => (node.op === 'If' ? { ...node, captures: ['a', 'w'] } : node));
  const graph = { ...plain, nodes };
  expect(cutGraph(graph, ['a'], ['y']).frontier).toEqual(['a', 'c']);
  expect([...prune(graph, ['y']).constants.keys()]).toEqual(['w']);
});

test('a name that is no value is an error that says so', () => {
  const graph = graphOf(['y = Relu(x)'], ['y']);
  expect(() => cutGraph(graph, ['nope'], ['y'])).toThrow(/no value 'nope'/);
  expect(() => prune(graph, ['nope'])).toThrow(/no value 'nope'/);
});

test('prune keeps what an inner value needs and makes it an output', () => {
  const graph = graphOf(['a = Mul(x, w)', 'b = Relu(a)', 'y = Exp(b)'], ['y']);
  const pruned = prune(graph, ['a']);
  expect(made(pruned.nodes)).toEqual(['a']);
  expect(pruned.outputs).toEqual([{ name: 'a', type }]);
  expect([...pruned.constants.keys()]).toEqual(['w']);
  expect(pruned.inputs).toBe(graph.inputs);
});

test('the builder makes names up, shares equal small constants and drops dead nodes', () => {
  const builder = new GraphBuilder({ prefix: 't' });
  const x = builder.input('x', type);
  const one = builder.constant(constantOf('float32', [1], [1]));
  expect(builder.constant(constantOf('float32', [1], [1]))).toBe(one);
  expect(builder.constant(constantOf('float32', [], [1]))).not.toBe(one);
  const [sum = ''] = builder.node('Add', [x, one], {}, 1, { types: [type] });
  builder.node('Exp', [sum]);
  const graph = builder.finish([{ name: 'y', type, value: sum }]);
  expect(graph.nodes.map((node) => node.op)).toEqual(['Add', 'Identity']);
  expect([...graph.constants.keys()]).toEqual([one]);
  expect(builder.typeOf(sum)).toEqual(type);
  expect(() => builder.input('x', type)).toThrow(/already there/);
});

test('nodes appended to a builder bring their constants and types along', () => {
  const graph = graphOf(['a = Mul(x, w)', 'y = Relu(a)'], ['y']);
  const builder = new GraphBuilder();
  builder.input('x', type);
  builder.append(graph.nodes, graph);
  const whole = builder.finish([{ name: 'y', type }]);
  expect(whole.nodes).toEqual(graph.nodes);
  expect([...whole.constants.keys()]).toEqual(['w']);
  expect(whole.types.get('a')).toEqual(type);
});
