// How many inputs and outputs each operator of ONNX's own set takes. Source: the operator schemas of ONNX 1.18, sets 18 to 23.

/** Least and greatest number of inputs, then of outputs. */
export type Arity = readonly [minInputs: number, maxInputs: number, minOutputs: number, maxOutputs: number];

const GROUPS: readonly (readonly [Arity, string])[] = [
  [[0, 0, 1, 1], 'Constant RandomNormal RandomUniform'],
  [
    [1, 1, 1, 1],
    'Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Bernoulli BitwiseNot Cast Ceil Celu ConstantOfShape ' +
      'Cos Cosh DepthToSpace Elu Erf Exp EyeLike Flatten Floor Gelu GlobalAveragePool GlobalLpPool GlobalMaxPool ' +
      'HardSigmoid HardSwish Hardmax Identity IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization LpPool ' +
      'MeanVarianceNormalization Mish Neg NonZero Not RandomNormalLike RandomUniformLike Reciprocal Relu Round Selu Shape ' +
      'Shrink Sigmoid Sign Sin Sinh Size Softmax Softplus Softsign SpaceToDepth Sqrt Swish Tan Tanh ThresholdedRelu Transpose',
  ],
  [[1, 1, 1, 2], 'MaxPool'],
  [[1, 1, 3, 3], 'DynamicQuantizeLinear'],
  [
    [1, 2, 1, 1],
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare ' +
      'Squeeze Trilu',
  ],
  [[1, 2, 1, Infinity], 'Split'],
  [[1, 3, 1, 1], 'Clip'],
  [[1, 3, 1, 2], 'Dropout'],
  [[1, 4, 1, 1], 'Resize'],
  [[1, Infinity, 1, 1], 'Concat Einsum Max Mean Min Sum'],
  [
    [2, 2, 1, 1],
    'Add And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CumSum Div Equal Expand Gather GatherElements GatherND ' +
      'Greater GreaterOrEqual GridSample Less LessOrEqual MatMul Mod Mul Or PRelu Pow RMSNormalization Reshape ' +
      'ReverseSequence Sub Tile Unsqueeze Xor',
  ],
  [[2, 2, 2, 2], 'TopK'],
  [[2, 3, 1, 1], 'Conv ConvTranspose DequantizeLinear Gemm QuantizeLinear'],
  [[2, 3, 1, 3], 'LayerNormalization'],
  [[2, 4, 1, 1], 'ConvInteger MatMulInteger Pad'],
  [
    [3, 3, 1, 1],
    'GroupNormalization InstanceNormalization OneHot Range RoiAlign Scatter ScatterElements ScatterND Where',
  ],
  [[3, 5, 1, 1], 'DeformConv Slice'],
  [[5, 5, 1, 3], 'BatchNormalization'],
  [[8, 8, 1, 1], 'QLinearMatMul'],
  [[8, 9, 1, 1], 'QLinearConv'],
];

const ARITIES = new Map(GROUPS.flatMap(([arity, ops]) => ops.split(' ').map((op) => [op, arity] as const)));

/** The arity of an operator, or undefined where it is not one of ours. */
export function arityOf(op: string, domain: string): Arity | undefined {
  return domain === '' ? ARITIES.get(op) : undefined;
}
