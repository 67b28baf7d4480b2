// The graph: typed tensors, operators of the ONNX vocabulary, nothing else. It knows neither TensorFlow.js nor protobuf.
// Loaders make it, the tracer records it, the replay reads it, the encoder writes it.

export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

/** A dimension: a size, or null where it is not known before run time. */
export type Dim = number | null;

/** Element type and shape of a value. `shape` is null where not even the rank is known. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly Dim[] | null;
}

/** A tensor known beforehand. `bytes` are little-endian, C order, possibly unaligned (a slice of the file they came from). */
export interface Constant {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Attribute of a node. `graph` (the body of If, Loop, Scan) stays in its file's own encoding. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Constant }
  | { readonly kind: 'opaque'; readonly value: Uint8Array };

export interface Node {
  /** Operator, e.g. `Conv`. */
  readonly op: string;
  /** Operator set; '' is ONNX's own. */
  readonly domain: string;
  /** The node's name in its file, or one made up; unique within the graph where not empty. */
  readonly name: string;
  /** Names of values; '' marks an optional one that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Values of the graph that the bodies of If, Loop, Scan read besides `inputs`; absent where there are none. */
  readonly captures?: readonly string[];
  /** Module path in the training framework, e.g. `layer4.2.conv3`, where the file tells. */
  readonly scope?: string;
  /** The node as its file encodes it: written back untouched, so that any operator the runtime knows survives. */
  readonly verbatim?: Uint8Array;
}

/** A named input or output of a graph. */
export interface Port {
  readonly name: string;
  readonly type: TensorType;
}

/** A network as nodes of ONNX operators between named values. */
export interface Graph {
  /** Version of the default operator set, at least 18: older files are upgraded when they are read. */
  readonly opset: number;
  /** Other operator sets in use, e.g. `{ 'com.microsoft': 1 }`. */
  readonly domains: Readonly<Record<string, number>>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** In topological order: a value is produced before it is used. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** Types of inner values, as far as known. */
  readonly types: ReadonlyMap<string, TensorType>;
  /** Functions that nodes of the file call as operators, each in the file's own encoding; absent where there are none. */
  readonly functions?: readonly Uint8Array[];
}
