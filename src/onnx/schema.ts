// Field and type numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), as far as encoder and
// decoder use them. Apart from both, so that they cannot disagree.
import type { DType } from '../graph/graph.ts';

export const MODEL = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  functions: 25,
} as const;

export const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;

export const NODE = {
  input: 1,
  output: 2,
  name: 3,
  op: 4,
  attribute: 5,
  domain: 7,
  overload: 8,
  metadata: 9,
} as const;

export const ATTRIBUTE = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  graphs: 11,
  type: 20,
  reference: 21,
  sparseTensor: 22,
} as const;

/** Values of AttributeProto.type. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  graphs: 10,
  sparseTensor: 11,
} as const;

export const TENSOR = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

/** TensorProto.data_location: the bytes are in a file of their own. */
export const EXTERNAL = 1;

export const SPARSE_TENSOR = { values: 1, indices: 2, dims: 3 } as const;
export const VALUE_INFO = { name: 1, type: 2 } as const;
export const TYPE = { tensor: 1 } as const;
export const TENSOR_TYPE = { dtype: 1, shape: 2 } as const;
export const SHAPE = { dim: 1 } as const;
export const DIMENSION = { value: 1, param: 2 } as const;
export const OPERATOR_SET = { domain: 1, version: 2 } as const;
export const STRING_ENTRY = { key: 1, value: 2 } as const;

export const FUNCTION = {
  name: 1,
  input: 4,
  output: 5,
  node: 7,
  opsetImport: 9,
  domain: 10,
  attributeDefault: 11,
  overload: 13,
} as const;

/** TensorProto.DataType of our element types. */
export const DATA_TYPE: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** The oldest IR version that may hold each default operator set, from the release table of ONNX; [opset, IR]. */
const IR_VERSIONS = [
  [18, 8],
  [20, 9],
  [22, 10],
  [23, 11],
  [24, 12],
  [27, 13],
] as const;

/** IR version of the ONNX release that brought `opset`. */
export function irVersionOf(opset: number): number {
  return IR_VERSIONS.find(([newest]) => opset <= newest)?.[1] ?? 14;
}

/** metadata_props key under which we keep a node's module scope. */
export const SCOPE_KEY = 'scope';
