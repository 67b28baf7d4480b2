// What changed in ONNX's operators up to operator set 18: one line of the table per change, each turning the older form
// into the newer one. Source: https://github.com/onnx/onnx/blob/main/docs/Changelog.md
import { attributeOf, float, floatOf, int, intOf, intsOf, string } from '../graph/attributes.ts';
import { changed } from '../graph/changed.ts';
import type { Attribute, Constant, DType, Node, TensorType } from '../graph/graph.ts';
import { constantOf } from '../graph/tensor.ts';
import { MalformedError } from './protobuf.ts';
import { DATA_TYPE } from './schema.ts';

/** What a rule may ask for and add while it rewrites one node. */
export interface UpgradeContext {
  /** Type of a value as far as known. */
  typeOf(name: string): TensorType | undefined;
  /** Adds a constant; returns its name. */
  constant(constant: Constant): string;
  /** Adds a node before the one at hand; returns the name of its only output. */
  before(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
}

export interface Upgrade {
  /** The first operator set with the new form: older nodes are rewritten. */
  readonly since: number;
  readonly ops: readonly string[] | 'all';
  readonly apply: (node: Node, context: UpgradeContext) => Node;
}

function without(node: Node, ...names: readonly string[]): Readonly<Record<string, Attribute>> {
  return Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));
}

/** Drops attributes; the node itself where it has none of them. */
function drop(...names: readonly string[]): Upgrade['apply'] {
  return (node) => {
    const some = names.some((name) => Object.hasOwn(node.attributes, name));
    return some ? changed(node, { attributes: without(node, ...names) }) : node;
  };
}

/** Sets an attribute whose default has changed, where the node leaves it out. */
function whereAbsent(name: string, value: Attribute): Upgrade['apply'] {
  return (node) =>
    Object.hasOwn(node.attributes, name) ? node : changed(node, { attributes: { ...node.attributes, [name]: value } });
}

const int64 = (values: readonly number[]): Constant => constantOf('int64', [values.length], values);

/** An attribute of integers that became the second input. */
function toInput(name: string): Upgrade['apply'] {
  return (node, context) => {
    const values = intsOf(node, name);
    const [data = ''] = node.inputs;
    if (values === undefined || values.length === 0) return drop(name)(node, context);
    return changed(node, { inputs: [data, context.constant(int64(values))], attributes: without(node, name) });
  };
}

const FLOATS: ReadonlySet<DType> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/** A number in the element type of a value, float32 where that is not known. */
function scalarLike(value: number, name: string, context: UpgradeContext): Constant {
  const dtype = context.typeOf(name)?.dtype ?? 'float32';
  return constantOf(FLOATS.has(dtype) ? dtype : 'float32', [], [value]);
}

/** Before 11: bounds as attributes. The defaults of 6 to 10 are the largest floats: no bounds. */
function clip(node: Node, context: UpgradeContext): Node {
  const [data = ''] = node.inputs;
  const bound = (name: 'min' | 'max'): string => {
    const value = attributeOf(node, name, 'float');
    const isBound = value !== undefined && Math.abs(value) < 3.4e38;
    return isBound ? context.constant(scalarLike(value, data, context)) : '';
  };
  const inputs = [data, bound('min'), bound('max')];
  while (inputs.at(-1) === '') inputs.pop();
  return changed(node, { inputs, attributes: without(node, 'min', 'max') });
}

/** Before 11: pads and value as attributes. */
function pad(node: Node, context: UpgradeContext): Node {
  const [data = ''] = node.inputs;
  const pads = intsOf(node, 'pads') ?? intsOf(node, 'paddings') ?? [];
  const value = floatOf(node, 'value', 0);
  const inputs = [data, context.constant(int64(pads))];
  if (value !== 0) inputs.push(context.constant(scalarLike(value, data, context)));
  return changed(node, { inputs, attributes: without(node, 'pads', 'paddings', 'value') });
}

/** Before 10: starts, ends, axes as attributes. */
function slice(node: Node, context: UpgradeContext): Node {
  const [data = ''] = node.inputs;
  const starts = intsOf(node, 'starts') ?? [];
  const axes = intsOf(node, 'axes') ?? starts.map((_, index) => index);
  const inputs = [starts, intsOf(node, 'ends') ?? [], axes].map((values) => context.constant(int64(values)));
  return changed(node, { inputs: [data, ...inputs], attributes: without(node, 'starts', 'ends', 'axes') });
}

/**
 * Before 13 the input was seen as a matrix: all axes before `axis` (default 1) times all from it on, normalised as one.
 * The same as today's where only the last axis is longer than one.
 */
function softmax(node: Node, context: UpgradeContext): Node {
  const [data = ''] = node.inputs;
  const axis = intOf(node, 'axis', 1);
  const shape = context.typeOf(data)?.shape;
  const from = shape && axis < 0 ? axis + shape.length : axis;
  if (shape && shape.slice(from + 1).every((dim) => dim === 1)) {
    return changed(node, { attributes: { axis: int(axis) } });
  }
  const flat = context.before('Flatten', [data], { axis: int(axis) });
  const normalised = context.before(node.op, [flat], { axis: int(-1) });
  return changed(node, { op: 'Reshape', inputs: [normalised, context.before('Shape', [data])], attributes: {} });
}

/** Before 7, broadcasting had to be asked for and could start at an axis of the first operand. */
function broadcast(node: Node, context: UpgradeContext): Node {
  const axis = attributeOf(node, 'axis', 'int');
  const plain = changed(node, { attributes: without(node, 'broadcast', 'axis') });
  if (intOf(node, 'broadcast', 0) === 0 || axis === undefined) return plain;
  return { ...plain, inputs: alignedAt(node, axis, context) };
}

/** Before 7, a slope per channel belonged to axis 1; since then slopes broadcast from the last axis. */
function prelu(node: Node, context: UpgradeContext): Node {
  const slope = context.typeOf(node.inputs[1] ?? '')?.shape;
  return slope?.length === 1 && slope[0] !== 1 ? changed(node, { inputs: alignedAt(node, 1, context) }) : node;
}

/** Both inputs, the second with as many trailing axes of length 1 as put its first axis at `axis` of the first. */
function alignedAt(node: Node, axis: number, context: UpgradeContext): readonly string[] {
  const [a = '', b = ''] = node.inputs;
  const rankA = context.typeOf(a)?.shape?.length;
  const rankB = context.typeOf(b)?.shape?.length;
  if (rankA === undefined || rankB === undefined) {
    throw new MalformedError(
      `${node.op} '${node.name}' broadcasts along axis ${axis} of an input of unknown rank`,
      'Export the model again with operator set 13 or later.',
    );
  }
  const missing = rankA - (axis < 0 ? axis + rankA : axis) - rankB;
  if (missing <= 0) return [a, b];
  const axes = Array.from({ length: missing }, (_, index) => rankB + index);
  return [a, context.before('Unsqueeze', [b, context.constant(int64(axes))])];
}

function batchNormalization(node: Node): Node {
  if (intOf(node, 'spatial', 1) === 0) {
    throw new MalformedError(
      `BatchNormalization '${node.name}' has statistics per pixel (spatial = 0), which ONNX has dropped`,
      'Export the model again with operator set 13 or later.',
    );
  }
  return changed(node, { attributes: without(node, 'spatial') });
}

/** Before 14 a second output meant training; the maps are made in inference mode. */
function inferenceOnly(node: Node): Node {
  return node.outputs.length > 1 ? changed(node, { outputs: node.outputs.slice(0, 1) }) : node;
}

function upsampleScales(node: Node): Node {
  const value = [1, 1, floatOf(node, 'height_scale', 1), floatOf(node, 'width_scale', 1)];
  const attributes = { ...without(node, 'height_scale', 'width_scale'), scales: { kind: 'floats', value } as const };
  return changed(node, { attributes });
}

function upsampleInput(node: Node, context: UpgradeContext): Node {
  const scales = attributeOf(node, 'scales', 'floats') ?? [];
  const [data = ''] = node.inputs;
  const inputs = [data, context.constant(constantOf('float32', [scales.length], scales))];
  return changed(node, { inputs, attributes: without(node, 'scales') });
}

/** Before 11: corners of pixels, not centres, were aligned; nearest meant the one below. */
function resize(node: Node): Node {
  const [data = '', scales = ''] = node.inputs;
  const mode = attributeOf(node, 'mode', 'string') ?? 'nearest';
  return changed(node, {
    inputs: [data, '', scales],
    attributes: {
      mode: string(mode === 'bilinear' ? 'linear' : mode),
      coordinate_transformation_mode: string('asymmetric'),
      nearest_mode: string('floor'),
    },
  });
}

function topK(node: Node, context: UpgradeContext): Node {
  const [data = ''] = node.inputs;
  const k = context.constant(int64([intOf(node, 'k', 1)]));
  return changed(node, { inputs: [data, k], attributes: without(node, 'k') });
}

/** Since 18, equal parts have to be counted. */
function splitOutputs(node: Node): Node {
  if ((node.inputs[1] ?? '') !== '') return node;
  return changed(node, { attributes: { ...node.attributes, num_outputs: int(node.outputs.length) } });
}

/** Before 6: the element type by its name in capitals. */
function castTo(node: Node): Node {
  const to = node.attributes['to'];
  if (to?.kind !== 'string') return node;
  const named: Record<string, DType> = { float: 'float32', double: 'float64' };
  const name = to.value.toLowerCase();
  const dtype = named[name] ?? (Object.hasOwn(DATA_TYPE, name) ? (name as DType) : undefined);
  if (dtype === undefined) throw new MalformedError(`Cast '${node.name}' to '${to.value}'`);
  return changed(node, { attributes: { ...node.attributes, to: int(DATA_TYPE[dtype]) } });
}

function normOrder(node: Node): Node {
  return changed(node, { attributes: { ...node.attributes, p: int(Math.round(floatOf(node, 'p', 2))) } });
}

function reduceOps(): string[] {
  const kinds = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];
  return kinds.map((kind) => `Reduce${kind}`);
}

/** In the order of `since`: a node passes every rule that is newer than its operator set. */
export const UPGRADES: readonly Upgrade[] = [
  { since: 2, ops: ['GlobalLpPool', 'LpPool'], apply: normOrder },
  { since: 4, ops: ['Concat'], apply: whereAbsent('axis', int(1)) },
  { since: 5, ops: ['Reshape'], apply: toInput('shape') },
  { since: 6, ops: 'all', apply: drop('consumed_inputs') },
  { since: 6, ops: ['Cast'], apply: castTo },
  { since: 6, ops: ['Selu'], apply: whereAbsent('alpha', float(1.6732)) },
  { since: 6, ops: ['Selu'], apply: whereAbsent('gamma', float(1.0507)) },
  {
    since: 7,
    ops: ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less', 'Gemm'],
    apply: broadcast,
  },
  { since: 7, ops: ['PRelu'], apply: prelu },
  { since: 7, ops: ['BatchNormalization', 'Dropout'], apply: drop('is_test') },
  { since: 7, ops: ['RNN', 'GRU', 'LSTM'], apply: drop('output_sequence') },
  { since: 7, ops: ['Upsample'], apply: upsampleScales },
  { since: 9, ops: ['BatchNormalization'], apply: batchNormalization },
  { since: 9, ops: ['Upsample'], apply: upsampleInput },
  { since: 10, ops: ['Upsample'], apply: (node) => changed(node, { op: 'Resize' }) },
  { since: 10, ops: ['Slice'], apply: slice },
  { since: 10, ops: ['TopK'], apply: topK },
  { since: 11, ops: ['Resize'], apply: resize },
  { since: 11, ops: ['Clip'], apply: clip },
  { since: 11, ops: ['Pad'], apply: pad },
  { since: 11, ops: ['Scatter'], apply: (node) => changed(node, { op: 'ScatterElements' }) },
  { since: 12, ops: ['Dropout'], apply: drop('ratio') },
  { since: 13, ops: ['Softmax', 'LogSoftmax', 'Hardmax'], apply: softmax },
  { since: 13, ops: ['Squeeze', 'Unsqueeze', 'ReduceSum'], apply: toInput('axes') },
  { since: 13, ops: ['Split'], apply: toInput('split') },
  { since: 14, ops: ['BatchNormalization'], apply: inferenceOnly },
  {
    since: 16,
    ops: ['RoiAlign'],
    apply: whereAbsent('coordinate_transformation_mode', string('output_half_pixel')),
  },
  { since: 18, ops: reduceOps(), apply: toInput('axes') },
  { since: 18, ops: ['Split'], apply: splitOutputs },
];
