// Every operator of the table against TensorFlow.js's own executor of graphs: one node, recorded and replayed eagerly.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/graph/graph.ts';
import type { Attribute, GraphNode } from '../../../src/model/tensorflow/node.ts';
import { operators } from '../../../src/model/tensorflow/operators.ts';
import { runGraph } from '../../../src/model/tensorflow/run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { Random } from '../../../src/lib/random.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { constant, type ValueType } from '../../../src/trace/forward.ts';
import { record } from '../../../src/trace/tracer.ts';
import { largestDifference } from '../../arrays.ts';

interface Input {
  readonly shape: readonly number[];
  readonly dtype?: ValueType;
  readonly range?: readonly [number, number];
  /** Known when recording, as weights, axes and sizes are. */
  readonly values?: readonly number[];
}

interface Case {
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
}

const known = (...values: number[]): Input => ({ shape: [values.length], dtype: 'int32', values });
const number = (value: number, dtype: ValueType = 'int32'): Input => ({ shape: [], dtype, values: [value] });
const list = (...i: number[]): Attribute => ({ list: { i } });
const image: Input = { shape: [2, 6, 5, 4] };
const rows: Input = { shape: [3, 4], range: [0.2, 0.9] };
const whole: Input = { shape: [3, 4], dtype: 'int32', range: [1, 6] };
const truths: Input = { shape: [3, 4], dtype: 'bool', range: [0, 1] };
const weights = (...shape: number[]): Input => ({ shape, values: numbers({ shape }, 7) });
const plain = { strides: list(1, 1, 1, 1), padding: { s: 'SAME' }, dilations: list(1, 1, 1, 1) };
const window = { ksize: list(1, 3, 2, 1), strides: list(1, 2, 1, 1), padding: { s: 'VALID' } };
const biasRelu = { fused_ops: { list: { s: ['BiasAdd', 'Relu'] } }, num_args: { i: 1 } };

const of = (names: string, ...inputs: Input[]): Case[] => names.split(' ').map((op) => ({ op, inputs }));

const cases: readonly Case[] = [
  ...of('Abs Acos Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan LeakyRelu', rows),
  ...of(
    'Log Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Tan Tanh',
    rows,
  ),
  ...of('Acosh', { ...rows, range: [1.1, 3] }),
  ...of('Add AddV2 Sub Mul RealDiv Div DivNoNan Maximum Minimum Pow SquaredDifference Atan2 AddN', rows, rows),
  ...of('FloorDiv Mod FloorMod', whole, { ...whole, range: [2, 3] }),
  ...of('DivNoNan', rows, { ...rows, shape: [4], values: [0, 2, 0, 1] }),
  ...of('Equal NotEqual Greater GreaterEqual Less LessEqual', whole, whole),
  ...of('LogicalAnd LogicalOr', truths, truths),
  ...of('LogicalNot', truths),
  ...of('Select SelectV2', truths, rows, rows),
  ...of('Prelu', image, weights(4)),
  ...of('BiasAdd', image, weights(4)),
  ...of('ClipByValue', rows, number(0.3, 'float32'), number(0.6, 'float32')),
  { op: 'Cast', inputs: [{ ...rows, range: [-3, 3] }], attributes: { DstT: { type: 3 }, SrcT: { type: 1 } } },
  ...of('Identity Snapshot StopGradient FakeQuantWithMinMaxVars PlaceholderWithDefault', rows),
  { op: 'IdentityN', inputs: [rows, whole], outputs: 2 },
  // Shapes
  ...of('Reshape', image, known(2, -1, 4)),
  ...of('ExpandDims', rows, number(-1)),
  { op: 'Squeeze', inputs: [{ shape: [1, 3, 1, 4] }], attributes: { squeeze_dims: list(2) } },
  ...of('Transpose', image, known(0, 3, 1, 2)),
  ...of('Shape', image),
  { op: 'ShapeN', inputs: [image, rows], outputs: 2 },
  ...of('Rank Size ZerosLike OnesLike', image),
  { op: 'Pack', inputs: [rows, rows], attributes: { axis: { i: 1 } } },
  { op: 'Pack', inputs: [number(3), number(5)], attributes: { axis: { i: 0 } } },
  { op: 'Unpack', inputs: [rows], attributes: { axis: { i: 0 }, num: { i: 3 } }, outputs: 3 },
  ...of('Concat', number(1), rows, rows),
  ...of('ConcatV2', rows, rows, number(-1)),
  { op: 'Split', inputs: [number(1), rows], attributes: { num_split: { i: 2 } }, outputs: 2 },
  { op: 'SplitV', inputs: [rows, known(1, 3), number(1)], attributes: { num_split: { i: 2 } }, outputs: 2 },
  ...of('Slice', image, known(0, 1, 2, 0), known(2, 3, -1, 1)),
  { op: 'StridedSlice', inputs: [image, known(0, 5, 0, 1), known(2, 0, 4, 2), known(1, -2, 3, 1)], attributes: { begin_mask: { i: 1 } } }, // prettier-ignore
  { op: 'StridedSlice', inputs: [image, known(0, 2, 0, 1), known(2, 4, 4, 2), known(1, 1, 1, 1)], attributes: { end_mask: { i: 4 }, shrink_axis_mask: { i: 8 } } }, // prettier-ignore
  { op: 'StridedSlice', inputs: [known(7, 8, 9), known(1), known(2), known(1)], attributes: { shrink_axis_mask: { i: 1 } } }, // prettier-ignore
  ...of('ReverseV2', image, known(1, 2)),
  ...of('Pad', image, { shape: [4, 2], dtype: 'int32', values: [0, 0, 1, 2, 0, 1, 0, 0] }),
  ...of('PadV2', image, { shape: [4, 2], dtype: 'int32', values: [0, 0, 1, 2, 0, 1, 0, 0] }, number(3, 'float32')),
  { op: 'MirrorPad', inputs: [rows, { shape: [2, 2], dtype: 'int32', values: [1, 1, 2, 0] }], attributes: { mode: { s: 'REFLECT' } } }, // prettier-ignore
  { op: 'MirrorPad', inputs: [rows, { shape: [2, 2], dtype: 'int32', values: [1, 1, 2, 0] }], attributes: { mode: { s: 'SYMMETRIC' } } }, // prettier-ignore
  ...of('Tile', rows, known(2, 1)),
  ...of('BroadcastTo', { shape: [3, 1] }, known(2, 3, 4)),
  ...of('Gather', rows, known(2, 0)),
  { op: 'GatherV2', inputs: [rows, known(3, 1, 1), number(1)], attributes: { batch_dims: { i: 0 } } },
  ...of('GatherNd', rows, { shape: [2, 2], dtype: 'int32', values: [0, 1, 2, 3] }),
  ...of('ScatterNd', { shape: [2, 1], dtype: 'int32', values: [2, 0] }, { shape: [2, 4] }, known(3, 4)),
  ...of('Fill', known(2, 3), number(1.5, 'float32')),
  { op: 'Ones', inputs: [known(2, 3)], attributes: { T: { type: 1 } } },
  { op: 'Zeros', inputs: [known(2, 3)], attributes: { T: { type: 3 } } },
  ...of('Range', number(1), number(8), number(3)),
  ...of('LinSpace', number(1, 'float32'), number(2, 'float32'), number(5)),
  { op: 'OneHot', inputs: [known(0, 2, 1), number(4), number(2, 'float32'), number(-1, 'float32')], attributes: { axis: { i: -1 }, T: { type: 1 } } }, // prettier-ignore
  ...of('SpaceToBatchND', { shape: [1, 4, 6, 2] }, known(2, 2), {
    shape: [2, 2],
    dtype: 'int32',
    values: [0, 0, 1, 1],
  }),
  ...of('BatchToSpaceND', { shape: [4, 2, 3, 2] }, known(2, 2), {
    shape: [2, 2],
    dtype: 'int32',
    values: [0, 1, 1, 0],
  }),
  { op: 'DepthToSpace', inputs: [image], attributes: { block_size: { i: 2 }, data_format: { s: 'NHWC' } } },
  // Sums
  ...['Max', 'Mean', 'Min', 'Sum', 'Prod', 'EuclideanNorm'].flatMap((op) => [
    { op, inputs: [{ ...image, range: [0.5, 1.5] as const }, known(1, 2)], attributes: { keep_dims: { b: true } } },
    { op, inputs: [{ ...image, range: [0.5, 1.5] as const }, number(-1)], attributes: { keep_dims: { b: false } } },
  ]),
  ...of('All Any', truths, number(1)),
  ...of('ArgMax ArgMin', rows, number(1)),
  { op: 'Cumsum', inputs: [rows, number(1)], attributes: { exclusive: { b: true }, reverse: { b: true } } },
  ...of('Softmax LogSoftmax', rows),
  { op: 'TopKV2', inputs: [rows, number(2)], attributes: { sorted: { b: true } }, outputs: 2 },
  { op: 'LRN', inputs: [image], attributes: { depth_radius: { i: 1 }, bias: { f: 1 }, alpha: { f: 0.5 }, beta: { f: 0.7 } } }, // prettier-ignore
  { op: 'MatMul', inputs: [{ shape: [4, 3] }, weights(5, 4)], attributes: { transpose_a: { b: true }, transpose_b: { b: true } } }, // prettier-ignore
  ...of('BatchMatMul BatchMatMulV2', { shape: [2, 3, 4] }, { shape: [2, 4, 5] }),
  { op: '_FusedMatMul', inputs: [rows, weights(4, 5), weights(5)], attributes: biasRelu },
  { op: 'Einsum', inputs: [{ shape: [2, 3, 4] }, weights(4, 5)], attributes: { equation: { s: 'abc,cd->abd' } } },
  // Images
  { op: 'Conv2D', inputs: [image, weights(3, 2, 4, 3)], attributes: { ...plain, strides: list(1, 2, 1, 1) } },
  { op: 'Conv2D', inputs: [image, weights(3, 3, 4, 2)], attributes: { ...plain, padding: { s: 'EXPLICIT' }, explicit_paddings: list(0, 0, 1, 2, 0, 1, 0, 0) } }, // prettier-ignore
  { op: 'Conv2D', inputs: [image, weights(2, 2, 4, 2)], attributes: { ...plain, padding: { s: 'VALID' }, dilations: list(1, 2, 2, 1) } }, // prettier-ignore
  { op: '_FusedConv2D', inputs: [image, weights(3, 3, 4, 2), weights(2)], attributes: { ...plain, ...biasRelu } },
  { op: '_FusedConv2D', inputs: [image, weights(3, 3, 4, 2), weights(2)], attributes: { ...plain, ...biasRelu, fused_ops: { list: { s: ['BiasAdd', 'LeakyRelu'] } }, leakyrelu_alpha: { f: 0.3 } } }, // prettier-ignore
  { op: 'DepthwiseConv2dNative', inputs: [image, weights(3, 3, 4, 2)], attributes: { ...plain, strides: list(1, 2, 2, 1) } }, // prettier-ignore
  { op: 'FusedDepthwiseConv2dNative', inputs: [image, weights(3, 3, 4, 1), weights(4)], attributes: { ...plain, ...biasRelu } }, // prettier-ignore
  { op: 'Conv2DBackpropInput', inputs: [known(2, 12, 10, 3), weights(3, 3, 3, 4), image], attributes: { ...plain, strides: list(1, 2, 2, 1) } }, // prettier-ignore
  { op: 'MaxPool', inputs: [image], attributes: window },
  { op: 'AvgPool', inputs: [image], attributes: { ...window, padding: { s: 'SAME' } } },
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].map((op) => ({
    op,
    inputs: [image, weights(4), weights(4), weights(4), { shape: [4], values: [0.5, 1, 2, 0.1] }],
    attributes: { epsilon: { f: 0.01 } },
  })),
  { op: 'ResizeBilinear', inputs: [image, known(9, 4)], attributes: { half_pixel_centers: { b: true } } },
  { op: 'ResizeNearestNeighbor', inputs: [image, known(12, 10)], attributes: { align_corners: { b: false } } },
];

/** Those that TensorFlow.js's executor does not know, or does otherwise. */
const OURS = ['CheckNumerics', 'DepthwiseConv2d', 'EnsureShape', 'PreventGradient', 'Print', 'Reverse'];

function numbers({ shape, dtype = 'float32', range = [-1, 1], values }: Input, seed: number): number[] {
  if (values !== undefined) return [...values];
  const random = Random.of(seed, 'operators');
  return Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => {
    const drawn = random.between(...range);
    return dtype === 'float32' ? drawn : Math.round(drawn);
  });
}

const TYPE = { float32: 1, int32: 3, bool: 10 } as const;
const nameOf = (index: number): string => `input${index}`;

/** TensorFlow.js's results, on `cpu`. */
function theirs(one: Case): tf.Tensor[] {
  const { op, inputs, attributes = {}, outputs = 1 } = one;
  const placeholders = inputs.map(({ dtype = 'float32' }, index) => {
    return { name: nameOf(index), op: 'Placeholder', attr: { dtype: { type: TYPE[dtype] } } };
  });
  const node = { name: 'y', op, input: inputs.map((_, index) => nameOf(index)), attr: mapped(attributes, toJson) };
  const model = new tf.GraphModel({
    load: () => Promise.resolve({ modelTopology: {}, weightSpecs: [], weightData: new ArrayBuffer(0) }),
  });
  model.loadSync({
    modelTopology: { versions: {}, node: [...placeholders, node] },
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  });
  const names = Array.from({ length: outputs }, (_, index) => (outputs === 1 ? 'y' : `y:${index}`));
  return [
    model.execute(
      mapped(feedsOf(one), (tensor) => tensor),
      names,
    ),
  ].flat();
}

/** Ours: recorded, and the graph replayed on `cpu`. */
function ours(one: Case): tf.Tensor[] {
  const { op, inputs, attributes = {}, outputs = 1 } = one;
  const nodes = [
    ...inputs.map((_, index): GraphNode => ({ name: nameOf(index), op: 'Placeholder', inputs: [], attribute: () => undefined })), // prettier-ignore
    { name: 'y', op, inputs: inputs.map((_, index) => nameOf(index)), attribute: (name: string) => attributes[name] },
  ];
  const graph: Graph = record((tracer) => {
    const given = inputs.map(({ shape, dtype = 'float32', values }, index) =>
      values === undefined ? tracer.input(nameOf(index), { dtype, shape }) : constant(values, shape, dtype),
    );
    const ran = runGraph(nodes, ['y'], (node) => given[inputs.findIndex((_, index) => nameOf(index) === node.name)]);
    const values = ran.get('y')!.slice(0, outputs);
    return Object.fromEntries(values.map((value, index) => [`output${index}`, value]));
  });
  const feeds = new Map(Object.entries(feedsOf(one)).filter(([name]) => graph.inputs.some((port) => port.name === name))); // prettier-ignore
  const results = replay(graph, graph.nodes, feeds, graph.outputs.map(({ name }) => name)); // prettier-ignore
  return [...results.values()];
}

function feedsOf({ inputs }: Case): Record<string, tf.Tensor> {
  const tensors = inputs.map((input, index) => {
    const { shape, dtype = 'float32' } = input;
    return [nameOf(index), tf.tensor(numbers(input, index + 1), [...shape], dtype)] as const;
  });
  return Object.fromEntries(tensors);
}

function toJson({ list: lists, s, i, ...rest }: Attribute): object {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    ...rest,
    ...(s === undefined ? {} : { s: base64(s) }),
    ...(i === undefined ? {} : { i: String(i) }),
    ...(lists === undefined ? {} : { list: { ...(lists.i && { i: lists.i.map(String) }), ...(lists.s && { s: lists.s.map(base64) }) } }), // prettier-ignore
  };
}

const mapped = <T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

describe("TensorFlow's operators", () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(cases.map((one, index) => [`${one.op} (${index})`, one] as const))('%s', (_, one) => {
    tf.tidy(() => {
      const [found, expected] = [ours(one), theirs(one)];
      expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
      found.forEach((tensor, index) => {
        const values = Array.from(expected[index]!.dataSync(), Number);
        expect(largestDifference(Array.from(tensor.dataSync(), Number), values)).toBeLessThan(1e-5);
      });
    });
  });

  it('leaves out none of the table', () => {
    const tested = new Set([...cases.map(({ op }) => op), ...OURS]);
    expect([...operators.keys()].filter((op) => !tested.has(op))).toEqual([]);
  });
});
