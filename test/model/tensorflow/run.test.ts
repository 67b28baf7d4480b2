// Graphs of TensorFlow's operators that no converter writes: out of order, in circles, of shapes that do not fit.
import { describe, expect, it } from 'vitest';
import type { Attribute, GraphNode } from '../../../src/model/tensorflow/node.ts';
import { runGraph } from '../../../src/model/tensorflow/run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { constant, type Value } from '../../../src/trace/forward.ts';
import { record } from '../../../src/trace/tracer.ts';

type Attributes = Readonly<Record<string, Attribute>>;

const node = (name: string, op: string, inputs: string[] = [], attributes: Attributes = {}): GraphNode => ({
  name,
  op,
  inputs,
  attribute: (key) => attributes[key],
});
const list = (...i: number[]): Attribute => ({ list: { i } });

interface Input {
  readonly shape: readonly number[];
  readonly constants?: Readonly<Record<string, Value>>;
}

function graphOf(nodes: readonly GraphNode[], { shape, constants = {} }: Input, output = 'y') {
  return record((tracer) => {
    const x = tracer.input('x', { dtype: 'float32', shape });
    const ran = runGraph(nodes, [output], ({ name }) => (name === 'x' ? x : constants[name]));
    return { [output]: ran.get(output)![0]! };
  });
}

const x = node('x', 'Placeholder');
const vector: Input = { shape: [2] };

describe('the order of nodes', () => {
  it('is that of their needs, however the file has them', () => {
    const nodes = [node('y', 'Add', ['b', 'a']), node('b', 'Neg', ['a:0', '^nowhere']), node('a', 'Exp', ['x']), x];
    expect(graphOf(nodes, vector).nodes.map(({ op }) => op)).toEqual(['Exp', 'Neg', 'Add', 'Identity']);
  });

  it('may be 50,000 deep', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => node(`n${index}`, 'Identity', [index === 0 ? 'x' : `n${index - 1}`])); // prettier-ignore
    const graph = graphOf([node('y', 'Relu', ['n49999']), ...chain.reverse(), x], vector);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Identity']);
  });

  it('must not go round in a circle', () => {
    const nodes = [node('y', 'Add', ['a', 'x']), node('a', 'Neg', ['b']), node('b', 'Neg', ['a']), x];
    expect(() => graphOf(nodes, vector)).toThrow(/needs itself/);
  });

  it('leaves out what no output needs', () => {
    expect(graphOf([node('z', 'NoSuchOperator', ['x']), node('y', 'Relu', ['x']), x], vector).nodes).toHaveLength(2);
  });
});

describe('what cannot be run is told', () => {
  const filter = constant(new Float32Array(12), [1, 1, 4, 3]);
  const sizes = constant([2, 2], [2], 'int32');
  const from = constant([0, 5], [2], 'int32');
  const ones = constant([1, 1], [2], 'int32');
  const borders = constant([0, 0, 0, 1], [2, 2], 'int32');
  const cases: readonly (readonly [string, GraphNode, RegExp])[] = [
    ['an operator without an entry', node('y', 'NonsenseV2', ['x']), /node y is a NonsenseV2, which is not known here/],
    ['a second input', node('y', 'Add', ['x', 'other']), /node other is an input besides the image/],
    ['an output that is not there', node('y', 'Relu', ['x:3']), /takes output 3 of x/],
    ['a node that is not there', node('y', 'Relu', ['nowhere']), /a node "nowhere" that is not there/],
    ['too few inputs', node('y', 'Add', ['x']), /it has 1 inputs/],
    ['channels that the filter does not take', node('y', 'Conv2D', ['x', 'filter'], { padding: { s: 'SAME' } }), /channels that the filter takes/], // prettier-ignore
    ['a shape of another size', node('y', 'Reshape', ['x', 'sizes']), /must match the product of shape/],
    ['blocks that leave cells over', node('y', 'SpaceToBatchND', ['x', 'sizes', 'borders']), /share out the image/],
    ['samples that are no blocks', node('y', 'BatchToSpaceND', ['x', 'sizes', 'borders']), /share out the image/],
    ['axes that come twice', node('y', 'Transpose', ['x', 'sizes']), /every axis/],
    [
      'a slice that ends before it begins',
      node('y', 'StridedSlice', ['x', 'from', 'sizes', 'ones']),
      /cannot be seen as/,
    ],
    ['a mask for axes that are not sliced', node('y', 'StridedSlice', ['x', 'from', 'sizes', 'ones'], { end_mask: { i: 2 ** 40 } }), /a range and steps/], // prettier-ignore
    ['what depends on the picture', node('y', 'Reshape', ['x', 'x']), /only known when the graph runs/],
  ];

  it.each(cases)('%s', (_, last, message) => {
    const constants = { filter, sizes, borders, from, ones };
    const nodes = [x, node('other', 'Placeholder'), ...Object.keys(constants).map((name) => node(name, 'Const')), last];
    expect(() => graphOf(nodes, { shape: [1, 6, 6, 3], constants })).toThrow(message);
  });
});

it('images with the channels first give what those with the channels last give', () => {
  const weights = (...shape: number[]): Value =>
    constant(
      Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, (_, index) => Math.sin(index)),
      shape,
    );
  const constants = { filter: weights(3, 3, 2, 4), bias: weights(4), depth: weights(2, 2, 4, 1) };
  const of = (format: 'NHWC' | 'NCHW'): tf.Tensor => {
    const pair = (height: number, width: number): Attribute => (format === 'NHWC' ? list(1, height, width, 1) : list(1, 1, height, width)); // prettier-ignore
    const plain = { data_format: { s: format }, strides: pair(1, 2), padding: { s: 'SAME' } };
    const nodes = [
      x,
      ...Object.keys(constants).map((name) => node(name, 'Const')),
      node('conv', 'Conv2D', ['x', 'filter'], plain),
      node('biased', 'BiasAdd', ['conv', 'bias'], plain),
      node('deep', 'DepthwiseConv2dNative', ['biased', 'depth'], { ...plain, strides: pair(1, 1) }),
      node('normal', 'FusedBatchNormV3', ['deep', 'bias', 'bias', 'bias', 'positive'], plain),
      node('positive', 'Square', ['bias']),
      node('y', 'MaxPool', ['normal'], { ...plain, ksize: pair(3, 2) }),
    ];
    const shape = format === 'NHWC' ? [1, 6, 8, 2] : [1, 2, 6, 8];
    const graph = graphOf(nodes, { shape, constants });
    const image = tf.sin(tf.range(0, 96)).reshape<tf.Tensor4D>([1, 6, 8, 2]);
    const fed = format === 'NHWC' ? image : tf.transpose(image, [0, 3, 1, 2]);
    const y = replay(graph, graph.nodes, new Map([['x', fed]]), ['y']).get('y')!;
    return format === 'NHWC' ? tf.transpose(y, [0, 3, 1, 2]) : y;
  };
  const [last, first] = [of('NHWC'), of('NCHW')];
  expect(first.shape).toEqual(last.shape);
  expect(tf.max(tf.abs(tf.sub(first, last))).dataSync()[0]).toBeLessThan(1e-6);
});
