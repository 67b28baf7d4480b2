// What the pass asks of a graph: shapes, who makes a value, who reads it, and which nodes are of the kinds that it knows.
import { floatOf, intOf, isEvery, stringOf } from '../../attributes.ts';
import type { Constant, Graph, Node } from '../../graph.ts';
import { isKnown, numbersOf, sizeOf } from '../../tensor.ts';

/** [batch, channels, height, width] */
export type MapShape = readonly [number, number, number, number];

export interface Convolution {
  /** What it reads. */
  readonly map: MapShape;
  /** [after, before, height, width] */
  readonly taps: MapShape;
  readonly groups: number;
  /** Its filter is known beforehand. */
  readonly isKnown: boolean;
}

export interface Spread {
  readonly gradient: string;
  readonly filter: string;
  readonly slope: string;
  readonly spread: Node;
}

/** Operators that treat every element alike, however the elements lie. */
const ELEMENTWISE = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Max', 'Min', 'Clip', 'Neg', 'Abs', 'Sqrt'],
  ...['Sigmoid', 'HardSigmoid', 'Tanh', 'Relu', 'LeakyRelu', 'Elu', 'Softplus', 'HardSwish', 'Erf', 'Exp'],
]);

/** Activations that ONNX Runtime's blocked convolutions compute along with themselves. */
const FUSED = new Set(['Relu', 'Sigmoid', 'Tanh', 'LeakyRelu', 'HardSigmoid', 'HardSwish']);

/** Places of a plane from which on its sums are taken strip by strip: three times as fast, and below a step gains little. */
const LARGE = 2000;

export class GraphView {
  readonly graph: Graph;
  readonly block: number;
  /** Of arrays of float32: no other takes part. */
  private readonly shapes = new Map<string, readonly number[]>();
  private readonly producers = new Map<string, Node>();
  private readonly readers = new Map<string, Node[]>();
  private readonly outputs: ReadonlySet<string>;

  constructor(graph: Graph, block: number) {
    this.graph = graph;
    this.block = block;
    this.outputs = new Set(graph.outputs.map((port) => port.name));
    const types = [
      ...graph.types,
      ...[...graph.inputs, ...graph.outputs].map(({ name, type }) => [name, type] as const),
    ];
    for (const [name, { dtype, shape }] of [...types, ...graph.constants])
      if (dtype === 'float32' && shape !== null && isKnown(shape)) this.shapes.set(name, shape);
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.producers.set(name, node);
      for (const name of new Set([...node.inputs, ...(node.captures ?? [])]))
        this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
    }
  }

  producerOf(name: string): Node | undefined {
    return this.producers.get(name);
  }

  readersOf(name: string): readonly Node[] {
    return this.readers.get(name) ?? [];
  }

  /** The one node that reads the value, if it is one and the value no output. */
  onlyReaderOf(name: string): Node | null {
    const [reader, ...others] = this.readersOf(name);
    return reader === undefined || others.length > 0 || this.outputs.has(name) ? null : reader;
  }

  /** null where it is not known. */
  shapeOf(name: string): readonly number[] | null {
    return this.shapes.get(name) ?? null;
  }

  /** Shape of a value with four axes that holds whole blocks of channels in more than one place; null for any other. */
  mapShape(name: string): MapShape | null {
    const shape = this.shapeOf(name);
    if (shape?.length !== 4) return null;
    const [, channels, height, width] = shape as MapShape;
    return channels % this.block === 0 && height * width > 1 ? (shape as MapShape) : null;
  }

  /** Shapes of a convolution of maps whose padding is told in numbers; null for any other node. */
  convolutionOf(node: Node): Convolution | null {
    if (node.op !== 'Conv' || node.domain !== '' || stringOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return null;
    const [x = '', filter = ''] = node.inputs;
    const [map, taps] = [this.shapeOf(x), this.shapeOf(filter)];
    if (map?.length !== 4 || taps?.length !== 4) return null;
    const isKnown = this.isKnownValue(filter);
    return { map: map as MapShape, taps: taps as MapShape, groups: intOf(node, 'group', 1), isKnown };
  }

  /** A convolution of one filter a channel that is not known beforehand, whole blocks of them. */
  isDepthwise(node: Node): boolean {
    const found = this.convolutionOf(node);
    if (found === null || found.isKnown) return false;
    const { map, taps, groups } = found;
    return map[1] % this.block === 0 && groups === map[1] && taps[0] === map[1];
  }

  /** A convolution whose filter is known beforehand, between whole blocks of channels in each group, or of one filter a channel. */
  isKnownConvolution(node: Node): boolean {
    const found = this.convolutionOf(node);
    if (found?.isKnown !== true || this.shapeOf(node.outputs[0]!) === null) return false;
    const { map, taps, groups } = found;
    if (groups === map[1] && groups === taps[0]) return groups % this.block === 0;
    return taps[1] % this.block === 0 && (taps[0] / groups) % this.block === 0;
  }

  /** A convolution of a picture's few channels: ONNX Runtime reads them as they are and gives blocks. */
  isFirst(node: Node): boolean {
    const found = this.convolutionOf(node);
    if (found?.isKnown !== true || found.groups > 1) return false;
    return found.map[1] < this.block && found.taps[0] % this.block === 0;
  }

  /** The largest of neighbouring places of a map, as ONNX Runtime also computes it in blocks. */
  isMaxPool(node: Node): boolean {
    if (node.op !== 'MaxPool' || node.domain !== '' || node.outputs.length > 1) return false;
    if (stringOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return false;
    if (intOf(node, 'ceil_mode', 0) !== 0 || !isEvery(node, 'dilations', 1)) return false;
    return this.mapShape(node.inputs[0]!) !== null && this.mapShape(node.outputs[0]!) !== null;
  }

  /** As many channels as the blocks that hold these have. */
  filledUp(channels: number): number {
    return Math.ceil(channels / this.block) * this.block;
  }

  /** A slice that takes off what fills up the last block of a map, or nothing. */
  takesFillingOff(node: Node): boolean {
    const [x = '', ...bounds] = node.inputs;
    if (node.op !== 'Slice' || this.mapShape(x) === null) return false;
    const channels = this.shapeOf(node.outputs[0]!)?.[1];
    const [start, end, axis] = bounds.map((name) => this.graph.constants.get(name));
    const isOne = (constant: Constant | undefined, value: number | undefined): boolean =>
      constant?.shape.join() === '1' && Number(numbersOf(constant)[0]) === value;
    const fills = channels !== undefined && this.filledUp(channels) === this.shapeOf(x)![1];
    return fills && bounds.length === 3 && isOne(start, 0) && isOne(end, channels) && isOne(axis, 1);
  }

  /** A product of a map with one number a plane, computed from the picture: squeeze and excitation. */
  isGate(node: Node): boolean {
    const planes = node.op === 'Mul' ? this.planeOperand(node) : null;
    return planes !== null && !this.isKnownValue(planes);
  }

  /** One place: [batch, channels, 1, 1] lies in memory as it does in blocks. */
  isPoint(name: string): boolean {
    const shape = this.shapeOf(name);
    return shape?.length === 4 && shape[1]! % this.block === 0 && shape[2] === 1 && shape[3] === 1;
  }

  /** The activation that alone reads the value and that a blocked convolution computes along; null where there is none. */
  fusedActivation(name: string): Node | null {
    const reader = this.onlyReaderOf(name);
    return reader !== null && reader.domain === '' && FUSED.has(reader.op) ? reader : null;
  }

  /** The sum with another map of its shape that alone reads the value; null where there is none. */
  fusedSum(name: string): Node | null {
    const reader = this.onlyReaderOf(name);
    if (reader?.op !== 'Add' || reader.domain !== '' || reader.inputs[0] === reader.inputs[1]) return null;
    const shape = this.shapeOf(name)!;
    return reader.inputs.every((input) => this.hasShape(input, shape) && !this.isKnownValue(input)) ? reader : null;
  }

  /** x of x * sigmoid(x); null for any other node. */
  swishOf(node: Node): string | null {
    if (node.op !== 'Mul' || node.domain !== '') return null;
    const s = node.inputs.find((name) => this.producers.get(name)?.op === 'Sigmoid');
    const x = node.inputs.find((name) => name !== s) ?? '';
    return s !== undefined && this.producers.get(s)!.inputs[0] === x ? x : null;
  }

  /** Of the derivative s + y * (1 - s) of y = x * s with s = sigmoid(x), as it is traced: x and y; null for any other node. */
  swishOfSlope(node: Node): { readonly x: string; readonly y: string } | null {
    if (node.op !== 'Add' || node.inputs.length !== 2) return null;
    const s = node.inputs.find((name) => this.producers.get(name)?.op === 'Sigmoid');
    const product = this.producers.get(node.inputs.find((name) => name !== s) ?? '');
    if (s === undefined || product?.op !== 'Mul') return null;
    const rest = product.inputs.find((name) => this.isOneMinus(name, s));
    const y = product.inputs.find((name) => name !== rest);
    const factors = this.producers.get(y ?? '');
    const x = factors === undefined ? null : this.swishOf(factors);
    if (rest === undefined || y === undefined || x === null || !factors!.inputs.includes(s)) return null;
    return this.producers.get(s)!.inputs[0] === x ? { x, y } : null;
  }

  /** s and 1 - s of their product, the derivative of s = sigmoid(z); null for any other value. */
  sigmoidSlope(name: string): readonly [string, string] | null {
    const product = this.producers.get(name);
    if (product?.op !== 'Mul' || product.inputs.length !== 2) return null;
    const s = product.inputs.find((input) => this.producers.get(input)?.op === 'Sigmoid');
    const rest = product.inputs.find((input) => input !== s);
    return s !== undefined && rest !== undefined && this.isOneMinus(rest, s) ? [s, rest] : null;
  }

  /** 1 - s, as the tracer writes it of numbers between 0 and 1. */
  private isOneMinus(name: string, s: string): boolean {
    const node = this.producers.get(name);
    return node?.op === 'HardSigmoid' && node.inputs[0] === s && floatOf(node, 'alpha', 0.2) === -1 && floatOf(node, 'beta', 0.5) === 1; // prettier-ignore
  }

  /**
   * Of the mean of a product with what a convolution of one filter a channel with steps spreads over its places, backwards:
   * the gradient of the convolution, its filter, the other factor, and the spreading node. null for any other node.
   */
  meanOfSpread(node: Node): Spread | null {
    if (node.op !== 'ReduceMean' || this.reducedOver(node) !== 'places' || intOf(node, 'keepdims', 1) !== 1)
      return null;
    const product = this.producers.get(node.inputs[0]!);
    if (product?.op !== 'Mul' || this.onlyReaderOf(product.outputs[0]!) !== node) return null;
    const spread = product.inputs.map((name) => this.producers.get(name)).find((made) => made?.op === 'ConvTranspose');
    if (spread === undefined || this.onlyReaderOf(spread.outputs[0]!) !== product) return null;
    const [gradient = '', filter = '', bias = ''] = spread.inputs;
    const slope = product.inputs.find((name) => name !== spread.outputs[0]!) ?? '';
    const [map, taps] = [this.mapShape(gradient), this.shapeOf(filter)];
    const isDepthwise = map !== null && intOf(spread, 'group', 1) === map[1] && taps?.[1] === 1;
    const isPlain =
      spread.domain === '' && bias === '' && !('auto_pad' in spread.attributes) && this.isKnownValue(filter);
    if (!isDepthwise || !isPlain || this.mapShape(slope) === null) return null;
    return this.hasShape(slope, this.shapeOf(spread.outputs[0]!)!) ? { gradient, filter, slope, spread } : null;
  }

  /** A product with one number a plane that only the sum with another one a plane reads. */
  isBeforeOffset(node: Node): boolean {
    const [output = ''] = node.outputs;
    const reader = this.onlyReaderOf(output);
    if (node.op !== 'Mul' || this.planeOperand(node) === null || reader?.op !== 'Add') return false;
    const planes = this.planeOperand(reader);
    return planes !== null && planes !== output;
  }

  /** A constant, or filters times constants that have a number for all, for each filter or for each element. */
  isKnownValue(name: string): boolean {
    if (this.graph.constants.has(name)) return true;
    const producer = this.producers.get(name);
    const shape = this.shapeOf(name);
    if (producer?.op !== 'Mul' || shape === null) return false;
    const byFilter = shape.map((size, axis) => (axis === 0 ? size : 1));
    return producer.inputs.every((input) => {
      const own = this.graph.constants.get(input)?.shape;
      return own !== undefined && (sizeOf(own) === 1 || this.hasShape(input, shape) || this.hasShape(input, byFilter));
    });
  }

  /** a * x + b with a and b per channel: a depthwise convolution of 1 x 1, or a normalisation by nothing. */
  isAffine(node: Node): boolean {
    if (this.isDepthwise(node)) {
      const [, , height, width] = this.shapeOf(node.inputs[1]!) as MapShape;
      return height * width === 1 && isEvery(node, 'strides', 1) && isEvery(node, 'pads', 0);
    }
    const [, , , mean = '', variance = ''] = node.inputs;
    const isPlain = node.op === 'BatchNormalization' && node.domain === '' && node.outputs.length === 1;
    return isPlain && floatOf(node, 'epsilon', 1e-5) === 0 && this.isFilled(mean, 0) && this.isFilled(variance, 1);
  }

  /**
   * What a node reads in the shape of its result [batch, channels, height, width], where it computes each element from its
   * own place, its channel or its image alone; null where it does something else.
   */
  placewise(node: Node): readonly string[] | null {
    const shape = this.mapShape(node.outputs[0] ?? '');
    if (shape === null || node.domain !== '' || node.outputs.length !== 1) return null;
    if (this.isAffine(node)) return [node.inputs[0]!];
    if (!ELEMENTWISE.has(node.op)) return null;
    const present = node.inputs.filter((name) => name !== '');
    const whole = present.filter((name) => this.hasShape(name, shape));
    const others = present.filter((name) => !this.hasShape(name, shape));
    if (whole.length === 0) return null;
    if (others.every((name) => this.isPerImage(name, shape)) || this.planeOperand(node) !== null) return whole;
    return null;
  }

  /** The operand [batch, channels, 1, 1] of a sum or product with a map; null where there is none. */
  planeOperand(node: Node): string | null {
    const shape = this.mapShape(node.outputs[0] ?? '');
    if (shape === null || (node.op !== 'Add' && node.op !== 'Mul') || node.domain !== '') return null;
    const [batch, channels] = shape;
    const others = node.inputs.filter((name) => !this.hasShape(name, shape));
    const [only = ''] = others;
    return others.length === 1 && this.hasShape(only, [batch, channels, 1, 1]) ? only : null;
  }

  /** Where a value is [batch, channels, h, w] seen as [1, batch * channels, h, w] or as filters [batch * channels, 1, h, w]: that map. */
  unmerged(name: string): string | null {
    const producer = this.producers.get(name);
    const [source = ''] = producer?.inputs ?? [];
    const [from, to] = [this.mapShape(source), this.shapeOf(name)];
    if (producer?.op !== 'Reshape' || from === null || to?.length !== 4) return null;
    return from[2] === to[2] && from[3] === to[3] ? source : null;
  }

  /** 'places' or 'batch and places' where a node sums or averages a map over those; null for any other node. */
  reducedOver(node: Node): 'places' | 'all' | null {
    if (node.op === 'GlobalAveragePool' && node.domain === '') return 'places';
    if ((node.op !== 'ReduceSum' && node.op !== 'ReduceMean') || node.domain !== '') return null;
    const axes = this.graph.constants.get(node.inputs[1] ?? '');
    if (axes === undefined || this.shapeOf(node.inputs[0]!)?.length !== 4) return null;
    const sorted = Array.from(numbersOf(axes), (axis) => (Number(axis) + 4) % 4).sort();
    if (sorted.join() === '2,3') return 'places';
    return sorted.join() === '0,2,3' ? 'all' : null;
  }

  /** How many blocks the places of a plane are, one after the other; null where they are no whole ones, or few places. */
  stripsOf(name: string): { readonly planes: number; readonly strips: number } | null {
    const shape = this.shapeOf(name);
    if (shape?.length !== 4) return null;
    const [batch, channels, height, width] = shape as MapShape;
    const strips = (height * width) / this.block;
    return height * width >= LARGE && Number.isInteger(strips) ? { planes: batch * channels, strips } : null;
  }

  /** Whether a product of two whole maps is read by a sum over its places alone. */
  isFactorOfSum(node: Node): boolean {
    const [output = ''] = node.outputs;
    const reader = this.onlyReaderOf(output);
    if (node.op !== 'Mul' || node.domain !== '' || reader?.op !== 'ReduceSum' || this.reducedOver(reader) === null)
      return false;
    const shape = this.shapeOf(output)!;
    return node.inputs.every((name) => this.hasShape(name, shape));
  }

  hasShape(name: string, shape: readonly number[]): boolean {
    const own = this.shapeOf(name);
    return own?.length === shape.length && own.every((extent, axis) => extent === shape[axis]);
  }

  /** One number, or one an image. */
  private isPerImage(name: string, [batch]: MapShape): boolean {
    const shape = this.shapeOf(name);
    return shape !== null && (sizeOf(shape) === 1 || this.hasShape(name, [batch, 1, 1, 1]));
  }

  private isFilled(name: string, number: number): boolean {
    const producer = this.producers.get(name);
    const constant = this.graph.constants.get(producer?.op === 'Expand' ? producer.inputs[0]! : name);
    return constant !== undefined && numbersOf(constant).every((element) => element === number);
  }
}
