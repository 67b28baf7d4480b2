import { describe, expect, test } from 'vitest';
import { int, ints, string, tensor } from '../../src/graph/attributes.ts';
import type { Attribute, Constant, DType, Graph, TensorType } from '../../src/graph/graph.ts';
import { infer } from '../../src/graph/infer.ts';
import { rules } from '../../src/graph/rules/rules.ts';
import { constantOf, numbersOf } from '../../src/graph/tensor.ts';
import { evaluations } from '../../src/graph/values/evaluations.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { floats, graphOf, longs, noise, run } from '../onnx/models.ts';

// Every rule, against the shapes and element types that ONNX Runtime reports after running the node.

interface Options {
  readonly outputs?: number;
  readonly opset?: number;
  readonly domain?: string;
  /** How many of the inputs are fed at run time, from the first on; the others are constants. */
  readonly fed?: number;
}
type Case = readonly [
  op: string,
  inputs: readonly (Constant | null)[],
  attributes?: Readonly<Record<string, Attribute>>,
  options?: Options,
];

const image = (...shape: number[]): Constant => floats(shape, [...noise(shape)]);
const positive = (...shape: number[]): Constant =>
  floats(
    shape,
    [...noise(shape)].map((value) => Math.abs(value) + 0.1),
  );
const typed = (dtype: DType, shape: readonly number[], ...values: number[]): Constant =>
  constantOf(dtype, shape, values.length > 0 ? values : noise(shape).map((value) => Math.round(value * 5 + 5)));
const scalar = (value: number): Constant => floats([], [value]);
const long = (value: number): Constant => constantOf('int64', [], [value]);
const quantized = [scalar(0.1), typed('uint8', [], 128)] as const;

const unary = [
  ...[
    'Abs',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Ceil',
    'Celu',
    'Cos',
    'Cosh',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'HardSigmoid',
  ],
  ...[
    'HardSwish',
    'Hardmax',
    'Identity',
    'LeakyRelu',
    'LogSoftmax',
    'Mish',
    'Neg',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
  ],
  ...['Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softmax', 'Softplus', 'Softsign', 'Tan', 'Tanh', 'ThresholdedRelu'],
  ...['Acos', 'Log', 'Sqrt', 'LpNormalization', 'IsNaN', 'IsInf', 'MeanVarianceNormalization'],
];
const binary = [
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Max',
  'Min',
  'Mean',
  'Sum',
  'PRelu',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
];
const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'];
const channels = (count: number, number: number): Constant[] => Array.from({ length: number }, () => positive(count));

const cases: readonly Case[] = [
  ...unary.map((op): Case => [op, [positive(2, 3, 4, 5)]]),
  ['Acosh', [floats([2], [1, 2])]],
  ['Gelu', [image(2, 3)], {}, { opset: 20 }],
  ['Not', [typed('bool', [2, 3])]],
  ['BitwiseNot', [typed('int32', [2, 3])]],
  ['Clip', [image(2, 3), scalar(-0.5), null]],
  ['CumSum', [image(2, 3), long(1)]],
  ['Trilu', [image(4, 4)]],
  ...binary.map((op): Case => [op, [image(2, 3, 4), image(3, 1)]]),
  ['LessOrEqual', [image(1, 4), image(2, 3, 1)], {}, { fed: 2 }],
  ['Sum', [image(2, 1), image(1, 3), image(4, 1, 1)], {}, { fed: 3 }],
  ['Mod', [typed('int64', [2, 3]), longs(3)]],
  ['Pow', [positive(2, 3), typed('int64', [1], 2)]],
  ...['And', 'Or', 'Xor'].map((op): Case => [op, [typed('bool', [2, 1]), typed('bool', [3])], {}, { fed: 2 }]),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op): Case => [op, [typed('int32', [2, 3]), typed('int32', [3])]]),
  ['BitShift', [typed('uint8', [3]), typed('uint8', [1], 1)], { direction: string('LEFT') }, { fed: 0 }],
  ['Where', [typed('bool', [2, 1]), image(1, 3), image(1)], {}, { fed: 2 }],
  ['Cast', [image(2, 3)], { to: int(7) }],
  ['Cast', [image(2, 3)], { to: int(10) }],
  ['CastLike', [image(2, 3), long(0)]],
  ['Dropout', [image(2, 3)], {}, { outputs: 2 }],
  ['RandomNormalLike', [image(2, 3)]],
  ['RandomUniformLike', [image(2, 3)], { dtype: int(11) }],
  ['Bernoulli', [floats([2], [0, 1])], { dtype: int(9) }],
  ['EyeLike', [image(3, 3)], { dtype: int(6) }],

  ['Conv', [image(2, 3, 9, 8), image(4, 3, 3, 3), image(4)], { strides: ints([2, 1]), pads: ints([1, 0, 2, 1]) }],
  ['Conv', [image(1, 4, 9, 9), image(8, 2, 3, 3)], { group: int(2), dilations: ints([2, 3]) }],
  ['Conv', [image(1, 3, 9, 7), image(4, 3, 3, 3)], { auto_pad: string('SAME_UPPER'), strides: ints([2, 2]) }],
  ['Conv', [image(1, 3, 9, 7), image(4, 3, 3, 3)], { auto_pad: string('VALID'), strides: ints([2, 2]) }],
  ['Conv', [image(1, 3, 9), image(4, 3, 4)]],
  ['ConvInteger', [typed('uint8', [1, 1, 5, 5]), typed('uint8', [2, 1, 3, 3])], {}, { fed: 0 }],
  [
    'QLinearConv',
    [typed('uint8', [1, 1, 5, 5]), ...quantized, typed('uint8', [2, 1, 3, 3]), ...quantized, ...quantized],
    { pads: ints([1, 1, 1, 1]) },
    { fed: 0 },
  ],
  [
    'ConvTranspose',
    [image(1, 4, 5, 6), image(4, 3, 3, 3)],
    { strides: ints([2, 3]), pads: ints([1, 0, 0, 1]), output_padding: ints([1, 2]), group: int(2) },
  ],
  ['ConvTranspose', [image(1, 4, 5), image(4, 2, 3)], { strides: ints([2]), auto_pad: string('SAME_UPPER') }],
  ['ConvTranspose', [image(1, 4, 5, 5), image(4, 2, 3, 3)], { strides: ints([2, 2]), output_shape: ints([10, 11]) }],
  [
    'MaxPool',
    [image(1, 2, 9, 7)],
    { kernel_shape: ints([3, 2]), strides: ints([2, 2]), pads: ints([1, 0, 1, 0]) },
    { outputs: 2 },
  ],
  ...[6, 7, 8, 9, 10].map((size): Case => {
    return [
      'MaxPool',
      [image(1, 1, size, size)],
      { kernel_shape: ints([3, 3]), strides: ints([2, 2]), ceil_mode: int(1) },
    ];
  }),
  [
    'MaxPool',
    [image(1, 1, 4, 4)],
    { kernel_shape: ints([2, 2]), strides: ints([3, 3]), ceil_mode: int(1), pads: ints([0, 0, 1, 1]) },
  ],
  ['MaxPool', [image(1, 1, 9, 9)], { kernel_shape: ints([2, 2]), dilations: ints([3, 2]) }],
  ['AveragePool', [image(1, 2, 6, 7)], { kernel_shape: ints([1, 2]), strides: ints([2, 3]), ceil_mode: int(1) }],
  [
    'AveragePool',
    [image(1, 2, 6, 7)],
    { kernel_shape: ints([3, 3]), strides: ints([2, 2]), auto_pad: string('SAME_LOWER') },
  ],
  ['LpPool', [image(1, 2, 6, 7)], { kernel_shape: ints([3, 3]) }],
  ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((op): Case => [op, [image(2, 3, 4, 5)]]),
  ['DepthToSpace', [image(1, 8, 2, 3)], { blocksize: int(2) }],
  ['SpaceToDepth', [image(1, 2, 4, 6)], { blocksize: int(2) }],
  ['Resize', [image(1, 2, 3, 5), null, floats([4], [1, 1, 1.5, 2.3])]],
  ['Resize', [image(1, 2, 3, 5), null, null, longs(1, 2, 7, 4)], { mode: string('linear') }],
  ['Resize', [image(1, 2, 3, 5), null, null, longs(7, 4)], { axes: ints([2, 3]) }],
  ['GridSample', [image(1, 2, 3, 5), image(1, 4, 6, 2)]],
  ['RoiAlign', [image(1, 2, 6, 6), positive(3, 4), longs(0, 0, 0)], { output_height: int(2), output_width: int(3) }],

  ['Gemm', [image(4, 2), image(3, 4), image(3)], { transA: int(1), transB: int(1) }],
  ['Gemm', [image(2, 4), image(4, 3)]],
  ['MatMul', [image(2, 1, 3, 4), image(5, 4, 6)]],
  ['MatMul', [image(4), image(2, 4, 6)]],
  ['MatMul', [image(2, 3, 4), image(4)]],
  ['MatMulInteger', [typed('uint8', [2, 3]), typed('uint8', [3, 4])], {}, { fed: 0 }],
  [
    'QLinearMatMul',
    [typed('uint8', [2, 3]), ...quantized, typed('uint8', [3, 4]), ...quantized, ...quantized],
    {},
    { fed: 0 },
  ],
  ['Einsum', [image(2, 3, 4), image(2, 4, 5)], { equation: string('bij,bjk->bki') }],
  ['Einsum', [image(7, 3, 4), image(7, 4, 5)], { equation: string('...ij, ...jk->...ik') }],
  ['Einsum', [image(3, 4), image(4, 2)], { equation: string('ij,jk') }],

  ...reductions.map((kind): Case => [`Reduce${kind}`, [positive(2, 3, 4), longs(1, -1)], { keepdims: int(0) }]),
  ['ReduceSum', [image(2, 3, 4), longs(1)]],
  ['ReduceSum', [image(2, 3, 4)]],
  ['ReduceSum', [image(2, 3, 4)], { noop_with_empty_axes: int(1) }],
  ['ArgMax', [image(2, 3, 4)], { axis: int(1), keepdims: int(0) }],
  ['ArgMin', [image(2, 3, 4)], { axis: int(-1) }],
  ['TopK', [image(2, 5), longs(3)], { axis: int(1) }, { outputs: 2 }],
  ['BatchNormalization', [image(2, 3, 4, 5), ...channels(3, 4)]],
  ['InstanceNormalization', [image(2, 3, 4, 5), ...channels(3, 2)]],
  ['LayerNormalization', [image(2, 3, 4), ...channels(4, 2)], { axis: int(-1) }, { outputs: 3 }],
  ['GroupNormalization', [image(2, 4, 5), ...channels(4, 2)], { num_groups: int(2) }, { opset: 21 }],
  ['LRN', [image(2, 3, 4, 5)], { size: int(3) }],

  ['Shape', [image(2, 3, 4)]],
  ['Shape', [image(2, 3, 4)], { start: int(-2) }],
  ['Shape', [image(2, 3, 4)], { start: int(1), end: int(-1) }],
  ['Size', [image(2, 3, 4)]],
  ['Reshape', [image(2, 3, 4), longs(0, -1)]],
  ['Reshape', [image(2, 3, 4), longs(4, -1, 2)]],
  ['Flatten', [image(2, 3, 4)], { axis: int(2) }],
  ['Flatten', [image(2, 3, 4)], { axis: int(-1) }],
  ['Flatten', [image(2, 3, 4)], { axis: int(0) }],
  ['Squeeze', [image(1, 3, 1, 4), longs(0, -2)]],
  ['Squeeze', [image(1, 3, 1, 4)]],
  ['Unsqueeze', [image(3, 4), longs(0, -1)]],
  ['Transpose', [image(2, 3, 4)], { perm: ints([2, 0, 1]) }],
  ['Transpose', [image(2, 3, 4)]],
  ['Expand', [image(3, 1), longs(2, 1, 4)]],
  ['Tile', [image(2, 3), longs(2, 3)]],
  ['Pad', [image(2, 3), longs(1, 0, 2, -1)]],
  ['Pad', [image(2, 3), longs(1, 2), null, longs(-1)]],
  ['Constant', [], { value: tensor(typed('int32', [2], 1, 2)) }, { fed: 0 }],
  ['ConstantOfShape', [longs(2, 3)], { value: tensor(longs(5)) }, { fed: 0 }],
  ['Range', [long(1), long(10), long(3)], {}, { fed: 0 }],
  ['OneHot', [longs(0, 2), long(4), floats([2], [0, 1])], { axis: int(0) }],
  ['RandomNormal', [], { shape: ints([2, 3]) }, { fed: 0 }],
  ['RandomUniform', [], { shape: ints([2, 3]), dtype: int(11) }, { fed: 0 }],

  ['Concat', [image(2, 3), image(2, 4)], { axis: int(-1) }],
  ['Split', [image(2, 7), longs(3, 4)], { axis: int(1) }, { outputs: 2 }],
  ['Split', [image(2, 7)], { axis: int(1), num_outputs: int(3) }, { outputs: 3 }],
  ['Slice', [image(5, 6), longs(1, -3), longs(4, 100)]],
  ['Slice', [image(5, 6), longs(-1), longs(-100), longs(1), longs(-2)]],
  ['Slice', [image(5, 6), longs(9), longs(2 ** 62), longs(0), longs(1)]],
  ['Gather', [image(3, 4, 5), typed('int64', [2, 2], 0, 1, 1, 3)], { axis: int(1) }],
  ['Gather', [image(3, 4, 5), long(-1)], { axis: int(-1) }],
  ['GatherElements', [image(3, 4), typed('int64', [2, 4], 0, 1, 0, 1, 1, 0, 1, 0)]],
  ['GatherND', [image(2, 3, 4), typed('int64', [2, 1], 0, 1)], { batch_dims: int(1) }],
  ['GatherND', [image(2, 3, 4), typed('int64', [5, 1, 2], 0, 1, 1, 2, 0, 0, 1, 1, 0, 2)]],
  ['ScatterElements', [image(3, 3), typed('int64', [1, 3], 0, 1, 2), image(1, 3)]],
  ['ScatterND', [image(4), typed('int64', [2, 1], 0, 3), image(2)]],
  ['ReverseSequence', [image(4, 2), longs(2, 3)]],
  ['NonZero', [typed('bool', [2, 3], 1, 0, 1, 0, 0, 1)]],

  ['QuantizeLinear', [image(2, 3), ...quantized]],
  ['QuantizeLinear', [image(2, 3), scalar(0.1)]],
  ['DequantizeLinear', [typed('uint8', [2, 3]), ...quantized], {}, { fed: 0 }],
  ['DynamicQuantizeLinear', [image(2, 3)], {}, { outputs: 3 }],

  ...['Gelu', 'FastGelu', 'QuickGelu'].map((op): Case => [op, [image(2, 3, 4)], {}, { domain: 'com.microsoft' }]),
  ['BiasGelu', [image(2, 3), image(3)], {}, { domain: 'com.microsoft' }],
  ['FusedConv', [image(1, 3, 5, 5), image(4, 3, 3, 3)], { activation: string('Relu') }, { domain: 'com.microsoft' }],
  ['FusedGemm', [image(2, 4), image(4, 3), image(3)], { activation: string('Relu') }, { domain: 'com.microsoft' }],
  ['FusedMatMul', [image(2, 4, 3), image(2, 5, 4)], { transA: int(1), transB: int(1) }, { domain: 'com.microsoft' }],
  ['SimplifiedLayerNormalization', [image(2, 3, 4), positive(4)], { axis: int(-1) }],
  ['SkipLayerNormalization', [image(2, 3, 4), image(2, 3, 4), positive(4)], {}, { domain: 'com.microsoft' }],
  ['QuantizeLinear', [image(2, 3), ...quantized], {}, { domain: 'com.microsoft' }],
  ['DequantizeLinear', [typed('uint8', [2, 3]), ...quantized], {}, { domain: 'com.microsoft', fed: 0 }],
  [
    'QGemm',
    [typed('uint8', [2, 4]), ...quantized, typed('uint8', [3, 4]), ...quantized, null, ...quantized],
    { transB: int(1) },
    { domain: 'com.microsoft', fed: 0 },
  ],
  [
    'QGemm',
    [typed('uint8', [2, 4]), ...quantized, typed('uint8', [4, 3]), ...quantized],
    {},
    { domain: 'com.microsoft', fed: 0 },
  ],
  ...['QLinearAdd', 'QLinearMul'].map((op): Case => {
    const operands = [typed('uint8', [2, 3]), ...quantized, typed('uint8', [3]), ...quantized, ...quantized];
    return [op, operands, {}, { domain: 'com.microsoft', fed: 0 }];
  }),
  ...['QLinearSigmoid', 'QLinearLeakyRelu'].map((op): Case => {
    return [op, [typed('uint8', [2, 3]), ...quantized, ...quantized], {}, { domain: 'com.microsoft', fed: 0 }];
  }),
  [
    'QLinearSoftmax',
    [typed('uint8', [2, 3]), ...quantized, scalar(1 / 256), typed('uint8', [], 0)],
    { opset: int(13), axis: int(-1) },
    { domain: 'com.microsoft', fed: 0 },
  ],
  [
    'QLinearConcat',
    [...quantized, typed('uint8', [2, 3]), ...quantized, typed('uint8', [2, 4]), ...quantized],
    { axis: int(1) },
    { domain: 'com.microsoft', fed: 0 },
  ],
  [
    'QLinearAveragePool',
    [typed('uint8', [1, 2, 5, 5]), ...quantized, ...quantized],
    { kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
    { domain: 'com.microsoft', fed: 0 },
  ],
  ...[0, 1].map((last): Case => {
    const inputs = [typed('uint8', [1, 2, 5, 4]), ...quantized, ...quantized];
    return ['QLinearGlobalAveragePool', inputs, { channels_last: int(last) }, { domain: 'com.microsoft', fed: 0 }];
  }),
];

interface Made {
  readonly graph: Graph;
  readonly feeds: Parameters<typeof run>[1];
  readonly names: readonly string[];
}

function graphOfCase([op, inputs, attributes = {}, options = {}]: Case, fed: number): Made {
  const names = inputs.map((input, index) => (input === null ? '' : `i${index}`));
  const given = inputs.flatMap((constant, index) =>
    constant === null ? [] : [{ name: `i${index}`, index, constant }],
  );
  const outputs = Array.from({ length: options.outputs ?? 1 }, (_, index) => `o${index}`);
  const graph = graphOf({
    opset: options.opset ?? 18,
    domains: { 'com.microsoft': 1 },
    inputs: given
      .filter(({ index }) => index < fed)
      .map(({ name, constant: { dtype, shape } }) => ({ name, type: { dtype, shape } })),
    outputs: [],
    nodes: [{ op, domain: options.domain ?? '', name: '', inputs: names, outputs, attributes }],
    constants: new Map(given.filter(({ index }) => index >= fed).map(({ name, constant }) => [name, constant])),
  });
  const feeds = given.flatMap(({ name, index, constant }) =>
    index < fed ? [[name, { dtype: constant.dtype, shape: constant.shape, values: numbersOf(constant) }] as const] : [],
  );
  return { graph, feeds: Object.fromEntries(feeds), names: outputs };
}

const withOutputs = (
  graph: Graph,
  names: readonly string[],
  typeOf: (name: string) => TensorType | undefined,
): Graph => ({
  ...graph,
  outputs: names.map((name) => ({ name, type: { dtype: typeOf(name)?.dtype ?? 'float32', shape: null } })),
});

const title = ([op, inputs, attributes = {}, options = {}]: Case): string => {
  const shapes = inputs.map((input) => (input === null ? '-' : `[${input.shape.join()}]`)).join(' ');
  return `${options.domain ?? ''} ${op} ${shapes} ${Object.keys(attributes).join(' ')}`;
};

describe('types that rules give are those that ONNX Runtime reports', () => {
  test.each(cases.map((each) => [title(each), each] as const))('%s', async (_, each) => {
    const { graph, feeds, names } = graphOfCase(each, each[3]?.fed ?? 1);
    const inferred = infer(withOutputs(graph, names, () => undefined));
    expect(inferred.problems).toEqual([]);
    const typeOf = (name: string) => inferred.graph.types.get(name);
    const results = await run(encodeModel(withOutputs(graph, names, typeOf)), feeds);
    for (const name of names) {
      const result = results[name];
      const type = typeOf(name);
      // How many elements are not zero is only known at run time.
      const shape = each[0] === 'NonZero' ? [2, null] : result?.shape;
      expect(type && { dtype: type.dtype, shape: type.shape }).toEqual({ dtype: result?.dtype, shape });
    }
  });

  test('every rule has a case', () => {
    const tested = new Set(cases.map(([op, , , options = {}]) => `${options.domain ?? ''}:${op}`));
    // Not in ONNX Runtime's CPU engine, or the same function as another under a newer name.
    const alike = [':DeformConv', ':Scatter', ':RMSNormalization', ':Swish'];
    const ours = Object.entries(rules).flatMap(([domain, table]) => Object.keys(table).map((op) => `${domain}:${op}`));
    const untested = ours.filter((op) => !tested.has(op) && !alike.includes(op));
    expect(untested).toEqual([]);
  });
});

const small = (dtype: DType, ...values: number[]): Constant => constantOf(dtype, [values.length], values);
const matrix = floats([2, 3], [1, 2.5, -3, 0.1, 7, -0.5]);
const table = typed('int64', [2, 3], 7, 8, 9, 10, 11, 12);
const flags = small('bool', 1, 0, 1);
const evaluated: readonly Case[] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow'].map((op): Case => [op, [matrix, small('float32', 2, 3, -1)]]),
  ...['Add', 'Sub', 'Mul', 'Div'].map((op): Case => [op, [small('int64', -7, 7, 9), longs(2)]]),
  ['Mod', [small('int64', -7, 7, 9), longs(4)]],
  ['Mod', [small('int64', -7, 7, 9), longs(4)], { fmod: int(1) }],
  ['Sum', [matrix, matrix, small('float32', 1, 2, 3)]],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op): Case => [op, [longs(1, 2, 3), longs(2)]]),
  ...['And', 'Or'].map((op): Case => [op, [flags, small('bool', 0, 0, 1)]]),
  ['Not', [flags]],
  ...['Neg', 'Abs', 'Floor', 'Ceil', 'Reciprocal'].map((op): Case => [op, [matrix]]),
  ['Round', [small('float32', 0.5, 1.5, -0.5, 2.5, 2.4)]],
  ['Sqrt', [small('float32', 2, 9)]],
  ['Clip', [matrix, scalar(-1), scalar(2)]],
  ['Where', [flags, longs(1, 2, 3), longs(9)]],
  ['Cast', [matrix], { to: int(7) }],
  ['Cast', [matrix], { to: int(9) }],
  ['Cast', [longs(3, -4)], { to: int(1) }],
  ...['Prod', 'Sum', 'Max', 'Min'].map((kind): Case => [`Reduce${kind}`, [longs(2, 3, 4)], { keepdims: int(0) }]),
  ['ReduceProd', [longs(2, 3, 4), longs(0)]],
  ['Range', [long(5), long(0), long(-2)]],
  ['Range', [scalar(0), scalar(1), scalar(0.3)]],
  ['ConstantOfShape', [longs(2, 2)]],
  ['ConstantOfShape', [longs(2)], { value: tensor(longs(-3)) }],
  ['Shape', [image(2, 3, 4)], { start: int(1) }],
  ['Size', [image(2, 3, 4)]],
  ['Identity', [matrix]],
  ['Dropout', [matrix]],
  ['Reshape', [table, longs(3, -1)]],
  ['Flatten', [table], { axis: int(0) }],
  ['Squeeze', [typed('int64', [1, 2], 3, 4), longs(0)]],
  ['Unsqueeze', [long(3), longs(0)]],
  ['Transpose', [table]],
  ['Slice', [table, longs(0, -1), longs(2, -4), longs(0, 1), longs(1, -1)]],
  ['Gather', [table, typed('int64', [2], -1, 0)], { axis: int(1) }],
  ['Gather', [longs(5, 6, 7), long(1)]],
  ['Expand', [longs(1, 2), longs(3, 1)]],
  ['Tile', [table, longs(1, 2)]],
  ['Concat', [table, typed('int64', [1, 3], 0, 1, 2)], { axis: int(0) }],
  ['Split', [longs(1, 2, 3), longs(1, 2)], {}, { outputs: 2 }],
  ['ScatterND', [longs(5, 6, 7), typed('int64', [1, 1], -1), longs(9)]],
];

describe('elements worked out beforehand are those that ONNX Runtime computes', () => {
  test.each(evaluated.map((each) => [title(each), each] as const))('%s', async (_, each) => {
    const { graph, names } = graphOfCase(each, 0);
    const kept = {
      ...graph,
      nodes: [...graph.nodes, { ...graph.nodes[0], op: 'Keep', outputs: ['k'], inputs: names }],
    } as Graph;
    const { nodes, constants } = infer(kept).graph;
    expect(nodes.map(({ op }) => op)).toEqual(['Keep']);
    const results = await run(encodeModel(withOutputs(graph, names, (name) => constants.get(name))), {});
    for (const name of names) {
      const constant = constants.get(name);
      const known = constant && { dtype: constant.dtype, shape: constant.shape, values: [...numbersOf(constant)] };
      expect(known).toEqual(results[name]);
    }
  });

  test('every evaluation has a case', () => {
    const tested = new Set(evaluated.map(([op]) => op));
    expect(Object.keys(evaluations).filter((op) => !tested.has(op))).toEqual([]);
  });

  test('integers that would wrap around, and half floats, are left to the runtime', () => {
    for (const [op, a, b] of [
      ['Add', small('uint8', 250), small('uint8', 10)],
      ['Mul', small('int32', 2 ** 30), small('int32', 4)],
      ['Div', small('int64', 1), small('int64', 0)],
      ['Add', small('float16', 1), small('float16', 2)],
    ] as const) {
      const { graph } = graphOfCase([op, [a, b]], 0);
      expect(infer(graph).graph.nodes, op).toHaveLength(1);
    }
  });
});
