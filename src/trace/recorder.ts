// The graph being recorded, as kernels' lowerings see it: values brought into the order a node needs, nodes added once
// however often they are asked for. It knows no TensorFlow.js.
import { int, ints } from '../graph/attributes.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Attribute, DType, Graph, TensorType } from '../graph/graph.ts';
import { constantOf, sizeOf } from '../graph/tensor.ts';
import { GradcamError } from '../lib/errors.ts';
import { permute, type Elements } from './elements.ts';
import {
  identity,
  inverse,
  isIdentity,
  padOrder,
  padRank,
  pick,
  regroup,
  sameNumbers,
  sameSequence,
  trimmed,
  type Permutation,
} from './layout.ts';
import {
  constantValue,
  elementsOf,
  logicalElements,
  repeats,
  storedShape,
  type ConstantValue,
  type RecordedValue,
  type Value,
  type ValueType,
} from './value.ts';

/** ONNX's numbers for element types, as `Cast` wants them. */
const ELEMENT_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

export type Attributes = Readonly<Record<string, Attribute>>;

/** A recorded node, looked up by what it produces. */
export interface Producer {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly outputs: readonly string[];
}

/** Elements of a constant in the graph, and its shape there. */
export interface NamedConstant {
  readonly elements: Elements;
  readonly shape: readonly number[];
}

/** What is new in a value that a node makes from others. */
export interface Made {
  readonly shape: readonly number[];
  readonly dtype: ValueType;
  /** Default: logical order. */
  readonly order?: Permutation;
  /** Default: the shape. */
  readonly extents?: readonly number[];
}

export class Recorder {
  private readonly builder: GraphBuilder;
  private readonly producers = new Map<string, Producer>();
  private readonly byContent = new Map<string, Producer>();
  /** Moved elements of constants, and names of constants in the graph, by the array they come from. */
  private readonly moved = new WeakMap<Elements, Map<string, Elements>>();
  private readonly named = new WeakMap<Elements, Map<string, string>>();
  private readonly constants = new Map<string, NamedConstant>();
  private scopes: string[] = [];

  constructor(prefix: string) {
    this.builder = new GraphBuilder({ prefix });
  }

  /** Adds a graph input. */
  input(name: string, type: TensorType): string {
    return this.builder.input(name, type);
  }

  /** Runs `record` with the nodes that it adds marked as belonging to a module. */
  scoped<T>(scope: string, record: () => T): T {
    this.scopes.push(scope);
    try {
      return record();
    } finally {
      this.scopes.pop();
    }
  }

  /** The graph with these outputs, in logical order, and what they need. */
  finish(outputs: Readonly<Record<string, Value>>): Graph {
    const ports = Object.entries(outputs).map(([name, value]) => ({
      name,
      value: this.at(value),
      type: { dtype: value.dtype, shape: value.shape },
    }));
    return this.builder.finish(ports);
  }

  // Nodes

  /** Adds a node with one output of the given type, unless the same node is there, and returns the output's name. */
  emit(op: string, inputs: readonly string[], type: TensorType, attributes: Attributes = {}): string {
    return this.emitAll(op, inputs, [type], attributes)[0]!;
  }

  /** Adds a node with several outputs, unless the same node is there, and returns their names. */
  emitAll(
    op: string,
    inputs: readonly string[],
    types: readonly TensorType[],
    attributes: Attributes = {},
  ): readonly string[] {
    const key = nodeKey(op, inputs, attributes);
    const known = this.byContent.get(key);
    if (known !== undefined && known.outputs.length >= types.length) return known.outputs;
    const scope = this.scopes.length === 0 ? {} : { scope: this.scopes.join('/') };
    const outputs = this.builder.node(op, inputs, attributes, types.length, { types, ...scope });
    const producer = { op, inputs, attributes, outputs };
    this.byContent.set(key, producer);
    for (const name of outputs) this.producers.set(name, producer);
    return outputs;
  }

  /** Shape of a value of the graph that was recorded here. */
  shapeOf(name: string): readonly number[] {
    return (this.builder.typeOf(name)?.shape ?? []) as readonly number[];
  }

  /** The node that makes a value, if one was recorded. */
  producerOf(name: string): Producer | undefined {
    return this.producers.get(name);
  }

  /** The output of a node that has been recorded already, if it has. */
  recordedOutput(op: string, inputs: readonly string[], attributes: Attributes = {}): string | undefined {
    return this.byContent.get(nodeKey(op, inputs, attributes))?.outputs[0];
  }

  /** Adds a node whose output becomes a value. `type` is that of the value; the node's output has its stored shape. */
  make(op: string, inputs: readonly string[], made: Made, attributes: Attributes = {}): RecordedValue {
    const placed = placedAs(made);
    const name = this.emit(op, inputs, { dtype: made.dtype, shape: storedShape(placed) }, attributes);
    return { kind: 'recorded', name, ...placed };
  }

  /** An existing value of the graph as a value of its own. */
  existing(name: string, made: Made): RecordedValue {
    return { kind: 'recorded', name, ...placedAs(made) };
  }

  // Constants

  /** Name of a one-dimensional int64 constant: axes, shapes, sizes. */
  integers(values: readonly number[]): string {
    return this.builder.constant(constantOf('int64', [values.length], values));
  }

  /** Name of a constant of one element and no axes. */
  scalar(value: number, dtype: DType = 'float32'): string {
    return this.builder.constant(constantOf(dtype, [], [value]));
  }

  /** Name of a constant with these elements in C order. */
  constant(elements: Elements, shape: readonly number[], dtype: ValueType): string {
    const key = `${dtype}[${shape.join()}]`;
    const names = entryOf(this.named, elements);
    const name = names.get(key) ?? this.builder.constant(constantOf(dtype, shape, elements));
    names.set(key, name);
    this.constants.set(name, { elements, shape });
    return name;
  }

  /** A constant of the graph made from elements, undefined for every other name. */
  constantNamed(name: string): NamedConstant | undefined {
    return this.constants.get(name);
  }

  /** A constant's stored elements with the axes lying in `order` (axes missing in front), and their shape there. */
  constantIn(value: ConstantValue, order: Permutation): NamedConstant {
    const wide = widened(value, order.length);
    return { elements: this.reordered(wide, order), shape: pick(wide.extents, order) };
  }

  /** The elements of a constant in logical order, repetitions carried out. */
  elements(value: ConstantValue): Elements {
    const recipe = `logical ${storedShape(value).join()} ${value.order.join()} ${value.shape.join()}`;
    return this.movedOnce(value.elements, recipe, () => logicalElements(value));
  }

  /** Elements derived from others, computed once per array and recipe. */
  movedOnce(elements: Elements, recipe: string, move: (elements: Elements) => Elements): Elements {
    const results = entryOf(this.moved, elements);
    const result = results.get(recipe) ?? move(elements);
    results.set(recipe, result);
    return result;
  }

  // Placement

  /** Name of the value with exactly its shape, axes lying in `order` (default: logical). Adds nodes where it lies otherwise. */
  at(value: Value, order: Permutation = identity(value.shape.length)): string {
    const name = this.placed(value, order, false);
    if (!repeats(value)) return name;
    const shape = pick(value.shape, order);
    return this.emit('Expand', [name, this.integers(shape)], { dtype: value.dtype, shape });
  }

  /** Name of what is stored of the value, axes lying in `order`: repetitions stay pending. */
  stored(value: Value, order: Permutation): string {
    return this.placed(value, order, false);
  }

  /**
   * Name of the value as an operand of a node that broadcasts: as `stored`, with axes of extent 1 in front where `order`
   * has more axes, and any of those in front perhaps missing. `whole`: a single number has all axes, too.
   */
  operand(value: Value, order: Permutation, whole = false): string {
    const wide = widened(value, order.length);
    if (!whole || wide.extents.some((extent) => extent !== 1)) return this.placed(wide, order, true);
    if (wide.kind === 'constant') return this.placed(wide, order, false);
    return this.viewed(wide.name, this.shapeOf(wide.name), wide.extents, wide.dtype);
  }

  /** The value with its axes permuted: axis k of the result is axis axes[k]. Nothing moves. */
  transposed(value: Value, axes: readonly number[]): Value {
    const places = inverse(axes);
    return {
      ...value,
      shape: pick(value.shape, axes),
      extents: pick(value.extents, axes),
      order: value.order.map((axis) => places[axis]!),
    };
  }

  /** The value with another shape of the same size. Data moves only where merged or split axes do not lie in one piece. */
  reshaped(value: Value, shape: readonly number[]): Value {
    requireSameSize(value.shape, shape);
    const direct = regroup(value.shape, value.extents, value.order, shape);
    const [base, { order, extents }] =
      direct === null ? [this.settled(value), { order: identity(shape.length), extents: shape }] : [value, direct];
    if (base.kind === 'constant') return { ...base, shape, extents, order };
    return this.existing(this.viewed(base.name, storedShape(base), pick(extents, order), base.dtype), {
      shape,
      dtype: base.dtype,
      order,
      extents,
    });
  }

  /** The value in logical order with repetitions carried out. */
  settled(value: Value): Value {
    if (isIdentity(value.order) && !repeats(value)) return value;
    if (value.kind === 'constant') return constantValue(this.elements(value), value.shape, value.dtype);
    return this.existing(this.at(value), { shape: value.shape, dtype: value.dtype });
  }

  /** The value in another type. */
  cast(value: Value, dtype: ValueType): Value {
    if (value.dtype === dtype) return value;
    if (value.kind === 'constant') return { ...value, dtype, elements: elementsOf(dtype, value.elements) };
    return { ...value, dtype, name: this.castTo(value.name, dtype, storedShape(value)) };
  }

  /** Name of a value of the graph in another type. */
  castTo(name: string, dtype: keyof typeof ELEMENT_TYPE, shape: readonly number[]): string {
    return this.emit('Cast', [name], { dtype, shape }, { to: int(ELEMENT_TYPE[dtype]) });
  }

  /** Name of a value of the graph seen with another shape: chains of reshapes become one. */
  viewed(name: string, from: readonly number[], to: readonly number[], dtype: DType): string {
    if (sameNumbers(from, to)) return name;
    const producer = this.producers.get(name);
    const source = producer?.op === 'Reshape' ? producer.inputs[0]! : name;
    if (sameNumbers(this.shapeOf(source), to)) return source;
    return this.emit('Reshape', [source, this.integers(to)], { dtype, shape: to });
  }

  private placed(value: Value, order: Permutation, broadcast: boolean): string {
    const stored = pick(value.extents, order);
    if (value.kind === 'constant') {
      return this.constant(this.reordered(value, order), broadcast ? trimmed(stored) : stored, value.dtype);
    }
    const physical = storedShape(value);
    // A value widened by axes in front has fewer axes in the graph than here.
    const missing = physical.length - this.shapeOf(value.name).length;
    const known = physical.slice(missing);
    if (sameSequence(value.order, order, value.extents)) {
      const fits = broadcast ? sameNumbers(trimmed(known), trimmed(stored)) : sameNumbers(known, stored);
      return fits ? value.name : this.viewed(value.name, known, broadcast ? trimmed(stored) : stored, value.dtype);
    }
    const places = inverse(value.order);
    const moves = order.map((axis) => places[axis]! - missing).filter((place) => place >= 0);
    const name = this.transpose(value.name, moves, known, value.dtype);
    const shape = pick(known, moves);
    const fits = broadcast ? sameNumbers(trimmed(shape), trimmed(stored)) : sameNumbers(shape, stored);
    return fits ? name : this.viewed(name, shape, broadcast ? trimmed(stored) : stored, value.dtype);
  }

  private transpose(name: string, moves: readonly number[], shape: readonly number[], dtype: ValueType): string {
    const producer = this.producers.get(name);
    const before = producer?.op === 'Transpose' ? producer.attributes.perm : undefined;
    const type = { dtype, shape: pick(shape, moves) };
    if (producer === undefined || before?.kind !== 'ints')
      return this.emit('Transpose', [name], type, { perm: ints(moves) });
    const both = pick(before.value, moves);
    return isIdentity(both)
      ? producer.inputs[0]!
      : this.emit('Transpose', [producer.inputs[0]!], type, { perm: ints(both) });
  }

  /** Stored elements of a constant, axes in `order`. */
  private reordered(value: ConstantValue, order: Permutation): Elements {
    if (sameSequence(value.order, order, value.extents)) return value.elements;
    const places = inverse(value.order);
    const moves = order.map((axis) => places[axis]!);
    const shape = storedShape(value);
    return this.movedOnce(value.elements, `permute ${shape.join()} ${moves.join()}`, (elements) =>
      permute(elements, shape, moves),
    );
  }
}

/** Attributes of a damaged model end in shapes that no reshape leads between. */
function requireSameSize(from: readonly number[], to: readonly number[]): void {
  if (sizeOf(from) === sizeOf(to)) return;
  throw new GradcamError({
    code: 'trace-shape',
    what: `A value [${from.join(', ')}] cannot be seen as [${to.join(', ')}].`,
    expected: 'as many elements',
    found: `${sizeOf(from)} and ${sizeOf(to)}`,
  });
}

function placedAs({ shape, dtype, order, extents }: Made): Required<Made> {
  return { shape, dtype, order: order ?? identity(shape.length), extents: extents ?? shape };
}

function widened<V extends Value>(value: V, rank: number): V {
  const more = rank - value.shape.length;
  if (more === 0) return value;
  return {
    ...value,
    shape: padRank(value.shape, rank),
    extents: padRank(value.extents, rank),
    order: padOrder(value.order, more),
  };
}

function nodeKey(op: string, inputs: readonly string[], attributes: Attributes): string {
  return `${op}(${inputs.join()})${JSON.stringify(attributes)}`;
}

function entryOf<T>(map: WeakMap<Elements, Map<string, T>>, key: Elements): Map<string, T> {
  const entry = map.get(key) ?? new Map<string, T>();
  map.set(key, entry);
  return entry;
}
