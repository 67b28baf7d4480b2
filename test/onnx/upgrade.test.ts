import { describe, expect, test } from 'vitest';
import { float, floats as floatsAttribute, int, ints, string } from '../../src/graph/attributes.ts';
import type { Attribute, Constant, DType, TensorType } from '../../src/graph/graph.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { OLDEST_OPSET } from '../../src/onnx/upgrade.ts';
import { UPGRADES } from '../../src/onnx/upgrade-rules.ts';
import { bodyAttribute, float32, floats, graphOf, longs, node, noise, port, run } from './models.ts';

interface Case {
  readonly op: string;
  readonly opset: number;
  readonly shape: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly constants?: Readonly<Record<string, Constant>>;
  readonly outputs?: number;
  /** Element types of the outputs; default float32. */
  readonly dtypes?: readonly DType[];
  /** How the node looks after the upgrade; default: the same operator. */
  readonly becomes?: readonly string[];
  /** Set where ONNX Runtime does not run so old an operator set: its answer for the input 1, 2, 3, ... */
  readonly expected?: readonly number[];
}

const name = ({ op, opset, attributes = {} }: Case): string => `${op} ${opset} ${Object.keys(attributes).join(' ')}`;
const unknown: TensorType = { dtype: 'float32', shape: null };

function modelOf({ op, opset, shape, attributes = {}, constants = {}, outputs = 1, dtypes = [] }: Case): Uint8Array {
  const names = Array.from({ length: outputs }, (_, index) => `y${index}`);
  return encodeModel(
    graphOf({
      opset,
      inputs: [port('x', float32(...shape))],
      outputs: names.map((output, index) => port(output, { dtype: dtypes[index] ?? 'float32', shape: null })),
      nodes: [node(op, ['x', ...Object.keys(constants)], names, attributes)],
      constants: new Map(Object.entries(constants)),
    }),
  );
}

const upgraded = (bytes: Uint8Array) => decodeModel(bytes, { folder: null, source: 'm.onnx' }).graph;

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare', 'Sum'];
const cases: readonly Case[] = [
  ...reductions.map((kind) => ({
    op: `Reduce${kind}`,
    opset: 12,
    shape: [2, 3, 4],
    attributes: { axes: ints([1, -1]), keepdims: int(0) },
  })),
  { op: 'ReduceMean', opset: 17, shape: [2, 3], attributes: {} },
  { op: 'Squeeze', opset: 11, shape: [2, 1, 3, 1], attributes: { axes: ints([1]) } },
  { op: 'Squeeze', opset: 11, shape: [2, 1, 3, 1], attributes: {} },
  { op: 'Unsqueeze', opset: 11, shape: [2, 3], attributes: { axes: ints([0, 3]) } },
  { op: 'Split', opset: 11, shape: [2, 6], attributes: { axis: int(1), split: ints([1, 2, 3]) }, outputs: 3 },
  { op: 'Split', opset: 11, shape: [2, 6], attributes: { axis: int(1) }, outputs: 3 },
  { op: 'Split', opset: 13, shape: [2, 6], attributes: { axis: int(1) }, outputs: 2 },
  { op: 'Softmax', opset: 12, shape: [2, 5], attributes: {} },
  { op: 'Softmax', opset: 11, shape: [2, 3, 4, 5], becomes: ['Flatten', 'Softmax', 'Shape', 'Reshape'] },
  { op: 'Softmax', opset: 11, shape: [2, 3, 4], attributes: { axis: int(-1) } },
  { op: 'Softmax', opset: 11, shape: [2, 3, 1, 1], attributes: { axis: int(1) } },
  {
    op: 'Softmax',
    opset: 11,
    shape: [2, 3, 4],
    attributes: { axis: int(0) },
    becomes: ['Flatten', 'Softmax', 'Shape', 'Reshape'],
  },
  { op: 'LogSoftmax', opset: 9, shape: [2, 3, 4], becomes: ['Flatten', 'LogSoftmax', 'Shape', 'Reshape'] },
  { op: 'Hardmax', opset: 11, shape: [2, 3, 4], becomes: ['Flatten', 'Hardmax', 'Shape', 'Reshape'] },
  { op: 'Clip', opset: 10, shape: [2, 3], attributes: { min: float(-0.25), max: float(0.5) } },
  { op: 'Clip', opset: 10, shape: [2, 3], attributes: { max: float(0.5) } },
  { op: 'Clip', opset: 10, shape: [2, 3], attributes: { min: float(0), max: float(3.4028234663852886e38) } },
  { op: 'Pad', opset: 10, shape: [1, 2, 3], attributes: { pads: ints([0, 1, 2, 0, 0, 1]), value: float(7) } },
  { op: 'Pad', opset: 10, shape: [1, 2, 3], attributes: { pads: ints([0, 0, 1, 0, 0, 1]), mode: string('reflect') } },
  {
    op: 'Slice',
    opset: 9,
    shape: [4, 5],
    attributes: { starts: ints([1, -2]), ends: ints([3, 2147483647]), axes: ints([0, 1]) },
  },
  { op: 'Slice', opset: 9, shape: [4, 5], attributes: { starts: ints([1]), ends: ints([3]) } },
  {
    op: 'TopK',
    opset: 9,
    shape: [2, 5],
    attributes: { k: int(2), axis: int(1) },
    outputs: 2,
    dtypes: ['float32', 'int64'],
  },
  { op: 'Dropout', opset: 7, shape: [2, 3], attributes: { ratio: float(0.7) } },
  {
    op: 'BatchNormalization',
    opset: 8,
    shape: [1, 2, 2, 2],
    attributes: { epsilon: float(0.01), spatial: int(1) },
    constants: { s: floats([2], [2, 3]), b: floats([2], [1, -1]), m: floats([2], [0.5, 0]), v: floats([2], [1, 4]) },
  },
  {
    op: 'Upsample',
    opset: 7,
    shape: [1, 2, 3, 3],
    attributes: { scales: floatsAttribute([1, 1, 2, 3]) },
    becomes: ['Resize'],
  },
  {
    op: 'Upsample',
    opset: 9,
    shape: [1, 2, 3, 4],
    attributes: { mode: string('linear') },
    constants: { scales: floats([4], [1, 1, 2, 2]) },
    becomes: ['Resize'],
  },
  { op: 'Resize', opset: 10, shape: [1, 1, 4, 4], constants: { scales: floats([4], [1, 1, 1.5, 0.5]) } },
  {
    op: 'Resize',
    opset: 10,
    shape: [1, 1, 4, 4],
    attributes: { mode: string('linear') },
    constants: { scales: floats([4], [1, 1, 2, 1.5]) },
  },
  {
    op: 'Scatter',
    opset: 9,
    shape: [3, 3],
    constants: { i: { ...longs(1, 0, 2), shape: [1, 3] }, u: floats([1, 3], [9, 8, 7]) },
    becomes: ['ScatterElements'],
  },
  {
    op: 'RoiAlign',
    opset: 10,
    shape: [1, 1, 6, 6],
    attributes: { output_height: int(2), output_width: int(2), sampling_ratio: int(2) },
    constants: { r: floats([1, 4], [0, 0, 4, 4]), n: longs(0) },
  },
  { op: 'PRelu', opset: 7, shape: [1, 3, 2, 2], constants: { slope: floats([3, 1, 1], [0.1, 0.2, 0.3]) } },

  {
    op: 'Add',
    opset: 6,
    shape: [1, 2, 2],
    attributes: { broadcast: int(1), axis: int(1) },
    constants: { b: floats([2], [10, 20]) },
    becomes: ['Unsqueeze', 'Add'],
    expected: [11, 12, 23, 24],
  },
  {
    op: 'Add',
    opset: 6,
    shape: [1, 2, 2],
    attributes: { broadcast: int(1) },
    constants: { b: floats([2], [10, 20]) },
    expected: [11, 22, 13, 24],
  },
  {
    op: 'Mul',
    opset: 5,
    shape: [1, 2],
    attributes: { consumed_inputs: ints([0, 0]) },
    constants: { b: floats([1, 2], [10, 20]) },
    expected: [10, 40],
  },
  {
    op: 'Gemm',
    opset: 6,
    shape: [1, 2],
    attributes: { broadcast: int(1) },
    constants: { b: floats([2, 1], [3, 4]), c: floats([1], [5]) },
    expected: [16],
  },
  {
    op: 'PRelu',
    opset: 6,
    shape: [1, 2, 2],
    constants: { s: floats([2], [10, 20]) },
    becomes: ['Unsqueeze', 'PRelu'],
    expected: [1, 2, 3, 4],
  },
  { op: 'Reshape', opset: 4, shape: [1, 4], attributes: { shape: ints([2, -1]) }, expected: [1, 2, 3, 4] },
  { op: 'Cast', opset: 5, shape: [1, 2], attributes: { to: string('INT32') }, dtypes: ['int32'], expected: [1, 2] },
  { op: 'Cast', opset: 5, shape: [1, 2], attributes: { to: string('DOUBLE') }, dtypes: ['float64'], expected: [1, 2] },
  { op: 'Relu', opset: 5, shape: [1, 2], attributes: { consumed_inputs: ints([0]) }, expected: [1, 2] },
  { op: 'Concat', opset: 3, shape: [1, 2], constants: { b: floats([1, 1], [9]) }, expected: [1, 2, 9] },
  { op: 'Selu', opset: 5, shape: [1, 1], expected: [1.0507] },
  { op: 'Selu', opset: 5, shape: [1, 1], attributes: { gamma: float(2) }, expected: [2] },
  {
    op: 'Pad',
    opset: 1,
    shape: [1, 2],
    attributes: { paddings: ints([0, 1, 0, 0]), value: float(7) },
    expected: [7, 1, 2],
  },
  { op: 'GlobalLpPool', opset: 1, shape: [1, 1, 2, 2], attributes: { p: float(1) }, expected: [10] },
  { op: 'Dropout', opset: 6, shape: [1, 2], attributes: { is_test: int(1), ratio: float(0.5) }, expected: [1, 2] },
  {
    op: 'BatchNormalization',
    opset: 6,
    shape: [1, 1, 1, 2],
    attributes: { is_test: int(1), epsilon: float(0) },
    constants: { s: floats([1], [2]), b: floats([1], [1]), m: floats([1], [1]), v: floats([1], [1]) },
    expected: [1, 3],
  },
  {
    op: 'Upsample',
    opset: 6,
    shape: [1, 1, 1, 2],
    attributes: { width_scale: float(2), height_scale: float(1), mode: string('nearest') },
    becomes: ['Resize'],
    expected: [1, 1, 2, 2],
  },
];

describe('the same numbers from the older form and its upgrade', () => {
  test.each(cases.map((each) => [name(each), each] as const))('%s', async (_, each) => {
    const bytes = modelOf(each);
    const graph = upgraded(bytes);
    expect(graph.opset).toBe(OLDEST_OPSET);
    expect(graph.nodes.map(({ op }) => op)).toEqual(each.becomes ?? [each.op]);
    const counting = Float32Array.from({ length: sizeOf(each.shape) }, (_value, index) => index + 1);
    const values = each.expected ? counting : noise(each.shape);
    const feeds = { x: { dtype: 'float32', shape: each.shape, values } } as const;
    const after = await run(encodeModel(graph), feeds);
    if (each.expected)
      expect(after['y0']?.values.map((value) => Math.fround(value))).toEqual(each.expected.map(Math.fround));
    else expect(after).toEqual(await run(bytes, feeds));
  });

  test('every rule has a case', () => {
    const rules = UPGRADES.flatMap(({ ops, since }) => (ops === 'all' ? [] : ops.map((op) => ({ op, since }))));
    const untested = rules.filter(({ op, since }) => !cases.some((each) => each.op === op && each.opset < since));
    // The same function as for Add, as for GlobalLpPool; recurrent layers only lose an attribute.
    const alike = ['Sub', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less', 'LpPool', 'RNN', 'GRU', 'LSTM'];
    expect(untested.filter(({ op }) => !alike.includes(op))).toEqual([]);
  });
});

test('nodes without a newer form keep their bytes, those of operator set 18 all do', () => {
  const relu = (opset: number) => upgraded(modelOf({ op: 'Relu', opset, shape: [1] }));
  expect(relu(9).nodes[0]?.verbatim).toBeDefined();
  expect(relu(21).opset).toBe(21);
  expect(
    upgraded(modelOf({ op: 'ReduceMean', opset: 17, shape: [2], attributes: { axes: ints([0]) } })).nodes[0]?.verbatim,
  ).toBeUndefined();
});

test('bounds of Clip take the element type of the input, through nodes whose type follows', () => {
  const graph = upgraded(
    encodeModel(
      graphOf({
        opset: 9,
        inputs: [port('x', float32(2))],
        outputs: [port('y', { dtype: 'float16', shape: [2] })],
        nodes: [
          node('Cast', ['x'], ['h'], { to: int(10) }),
          node('Squeeze', ['h'], ['s'], {}),
          node('Clip', ['s'], ['y'], { min: float(0) }),
        ],
      }),
    ),
  );
  expect([...graph.constants.values()].map(({ dtype }) => dtype)).toEqual(['float16']);
});

test('outputs that batch normalisation had for training are dropped', () => {
  const statistics = { s: floats([1], [1]), b: floats([1], [0]), m: floats([1], [0]), v: floats([1], [1]) };
  const graph = upgraded(
    encodeModel(
      graphOf({
        opset: 9,
        inputs: [port('x', float32(1, 1, 2))],
        outputs: [port('y', float32(1, 1, 2))],
        nodes: [node('BatchNormalization', ['x', 's', 'b', 'm', 'v'], ['y', 'mean', 'var', 'sm', 'sv'])],
        constants: new Map(Object.entries(statistics)),
      }),
    ),
  );
  expect(graph.nodes[0]?.outputs).toEqual(['y']);
});

test('bodies are upgraded too', async () => {
  const branch = (axis: number) =>
    graphOf({
      opset: 11,
      inputs: [],
      outputs: [port('z', unknown)],
      nodes: [node('Unsqueeze', ['x'], ['u'], { axes: ints([axis]) }), node('Softmax', ['u'], ['z'])],
    });
  const bytes = encodeModel(
    graphOf({
      opset: 11,
      inputs: [port('x', float32(2, 3)), port('c', { dtype: 'bool', shape: [] })],
      outputs: [port('y', unknown)],
      nodes: [
        node('If', ['c'], ['y'], {
          then_branch: bodyAttribute('then_branch', branch(0)),
          else_branch: bodyAttribute('else_branch', branch(2)),
        }),
      ],
    }),
  );
  for (const c of [0, 1]) {
    const feeds = {
      x: { dtype: 'float32', shape: [2, 3], values: noise([2, 3]) },
      c: { dtype: 'bool', shape: [], values: [c] },
    } as const;
    expect(await run(encodeModel(upgraded(bytes)), feeds)).toEqual(await run(bytes, feeds));
  }
});

test('forms that nothing newer has are refused by name', () => {
  const statistics = { s: floats([2], [1, 1]), b: floats([2], [0, 0]), m: floats([2], [0, 0]), v: floats([2], [1, 1]) };
  const spatial = modelOf({
    op: 'BatchNormalization',
    opset: 7,
    shape: [1, 2],
    attributes: { spatial: int(0) },
    constants: statistics,
  });
  expect(() => upgraded(spatial)).toThrow(/spatial = 0[\s\S]*Export the model again/);
  const rankless = encodeModel(
    graphOf({
      opset: 6,
      inputs: [port('x', unknown)],
      outputs: [port('y', unknown)],
      nodes: [node('Add', ['x', 'b'], ['y'], { broadcast: int(1), axis: int(1) })],
      constants: new Map([['b', floats([2], [1, 2])]]),
    }),
  );
  expect(() => upgraded(rankless)).toThrow(/input of unknown rank/);
});
