// A network in the making, in PyTorch's modules: each method is one module or function of PyTorch, adds the nodes of ONNX that
// compute it, and takes the weights that belong to its path. Shapes are known all the way, NCHW.
import { GraphBuilder } from '../../graph/builder.ts';
import { float, int, ints } from '../../graph/attributes.ts';
import type { Attribute, Constant, Graph } from '../../graph/graph.ts';
import { constantOf } from '../../graph/tensor.ts';
import type { Weights } from './weights.ts';
import { centredPadding, samePadding, windowsAlong } from './windows.ts';

export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A weight that is not there, or not of the shape that it should have; null: any size. */
export interface WeightProblem {
  readonly name: string;
  readonly expected: readonly (number | null)[];
  readonly found: readonly number[] | null;
}

/** What the user says in run.json where weights leave it open. */
export interface Hints {
  /** Pixels of the picture along a side of a cell of the last feature map: 8 or 16 for a dilated ResNet. */
  readonly outputStride?: number;
  /** Attention heads of a transformer. */
  readonly heads?: number;
  /** What a linear classifier without bias gives: products, or cosines. */
  readonly classifier?: 'linear' | 'cosine';
}

export interface Window {
  readonly stride?: number | undefined;
  /** Rows and columns on either side; `same`: TensorFlow's, the odd one at the end. */
  readonly padding?: readonly [number, number] | 'same' | undefined;
  readonly dilation?: number | undefined;
}

export interface Pool {
  readonly kernel: number;
  readonly stride: number;
  readonly padding?: number | undefined;
  readonly ceil?: boolean | undefined;
}

interface Emitted {
  /** Module path that the node belongs to; also the value's name, made unique. */
  readonly scope: string;
  readonly shape: readonly number[];
  /** Name of the value where it is not the module's own output. */
  readonly name?: string;
}

/** Gelu came with operator set 20. */
const OPSET = 20;

export class Network {
  readonly weights: Weights;
  readonly hints: Hints;
  readonly problems: WeightProblem[] = [];
  /** Sentences for the report. */
  readonly assumed = new Set<string>();
  private readonly builder = new GraphBuilder({ opset: OPSET });
  private readonly taken = new Map<string, Value>();
  private readonly names = new Map<string, number>();

  constructor(weights: Weights, hints: Hints = {}) {
    this.weights = weights;
    this.hints = hints;
  }

  /** Names of the weights that were asked for. */
  get used(): ReadonlySet<string> {
    return new Set(this.taken.keys());
  }

  input(name: string, shape: readonly number[]): Value {
    this.names.set(name, 1);
    return { name: this.builder.input(name, { dtype: 'float32', shape }), shape };
  }

  /** The graph with these logits as its output `logits`. */
  finish(logits: Value): Graph {
    const type = { dtype: 'float32', shape: logits.shape } as const;
    return this.builder.finish([{ name: this.unique('logits'), type, value: logits.name }]);
  }

  /** A weight by its full name. Where it is missing or of another shape that is noted, and one of that shape is assumed. */
  weight(name: string, expected: readonly (number | null)[]): Value {
    const known = this.taken.get(name);
    if (known !== undefined) return known;
    const found = this.weights.shapeOf(name) ?? null;
    const fits =
      found?.length === expected.length &&
      expected.every((dim, axis) => (dim ?? found[axis]) === found[axis] && found[axis]! > 0);
    if (!fits) this.problems.push({ name, expected, found });
    const shape = fits ? found : expected.map((dim) => dim ?? 1);
    const constant = this.weights.constantOf(name, shape);
    const value = { name: this.builder.constant(constant, this.unique(name)), shape };
    this.taken.set(name, value);
    return value;
  }

  // Convolution and pooling

  /** nn.Conv2d. The number of groups follows from the weights; padding is by default what keeps an odd kernel centred. */
  conv(x: Value, path: string, { stride = 1, padding, dilation = 1 }: Window = {}): Value {
    const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
    const name = `${path}.weight`;
    const [out = channels, perGroup = channels, kh = 1, kw = 1] = this.weights.shapeOf(name) ?? [];
    const groups = channels / perGroup;
    const fits = Number.isInteger(groups) && out % groups === 0;
    const weight = this.weight(name, [null, fits ? perGroup : channels, null, null]);
    const bias = this.weights.has(`${path}.bias`) ? [this.weight(`${path}.bias`, [out])] : [];
    const around = (size: number, kernel: number, given: number | undefined): readonly [number, number] => {
      if (padding === 'same') return samePadding(size, { kernel, stride, dilation });
      const side = given ?? centredPadding(kernel, dilation);
      return [side, side];
    };
    const [rows, columns] = padding === 'same' || padding === undefined ? [] : padding;
    const [top, bottom] = around(height, kh, rows);
    const [left, right] = around(width, kw, columns);
    const shape = [
      batch,
      weight.shape[0]!,
      windowsAlong(height, { kernel: kh, stride, padding: (top + bottom) / 2, dilation }, path),
      windowsAlong(width, { kernel: kw, stride, padding: (left + right) / 2, dilation }, path),
    ];
    const attributes = {
      kernel_shape: ints([kh, kw]),
      strides: ints([stride, stride]),
      pads: ints([top, left, bottom, right]),
      dilations: ints([dilation, dilation]),
      group: int(fits ? groups : 1),
    };
    return this.emit('Conv', [x, weight, ...bias], attributes, { scope: path, shape });
  }

  maxPool(x: Value, path: string, pool: Pool): Value {
    return this.emit('MaxPool', [x], poolAttributes(pool), { scope: path, shape: this.pooled(x, pool, path) });
  }

  /** nn.AvgPool2d, which counts padding in its means. */
  averagePool(x: Value, path: string, pool: Pool): Value {
    const attributes = { ...poolAttributes(pool), count_include_pad: int(1) };
    return this.emit('AveragePool', [x], attributes, { scope: path, shape: this.pooled(x, pool, path) });
  }

  /** Mean over height and width: [batch, channels, 1, 1]. */
  globalAverage(x: Value, path: string): Value {
    const [batch = 1, channels = 1] = x.shape;
    return this.emit('GlobalAveragePool', [x], {}, { scope: path, shape: [batch, channels, 1, 1] });
  }

  // Normalisation

  /**
   * nn.BatchNorm2d or 1d with the statistics of training. `name` where the module goes on after the normalisation, as timm's
   * with an activation in them do.
   */
  batchNorm(x: Value, path: string, epsilon: number, name?: string): Value {
    const parameters = ['weight', 'bias', 'running_mean', 'running_var'];
    const inputs = parameters.map((parameter) => this.weight(`${path}.${parameter}`, [x.shape[1]!]));
    return this.emit(
      'BatchNormalization',
      [x, ...inputs],
      { epsilon: float(epsilon) },
      { scope: path, shape: x.shape, ...(name === undefined ? {} : { name }) },
    );
  }

  /** nn.LayerNorm over the last axis. */
  layerNorm(x: Value, path: string, epsilon: number): Value {
    const inputs = ['weight', 'bias'].map((name) => this.weight(`${path}.${name}`, [x.shape.at(-1)!]));
    return this.emit(
      'LayerNormalization',
      [x, ...inputs],
      { axis: int(-1), epsilon: float(epsilon) },
      { scope: path, shape: x.shape },
    );
  }

  // Activations

  relu(x: Value, path: string): Value {
    return this.elementwise('Relu', [x], path);
  }

  relu6(x: Value, path: string): Value {
    return this.elementwise('Clip', [x, this.scalar(0), this.scalar(6)], path);
  }

  silu(x: Value, path: string): Value {
    const gate = this.emit('Sigmoid', [x], {}, { scope: path, shape: x.shape, name: `${path}.sigmoid` });
    return this.elementwise('Mul', [x, gate], path);
  }

  sigmoid(x: Value, path: string): Value {
    return this.elementwise('Sigmoid', [x], path);
  }

  hardSigmoid(x: Value, path: string): Value {
    return this.elementwise('HardSigmoid', [x], path, { alpha: float(1 / 6), beta: float(0.5) });
  }

  hardSwish(x: Value, path: string): Value {
    return this.elementwise('HardSwish', [x], path);
  }

  gelu(x: Value, path: string): Value {
    return this.elementwise('Gelu', [x], path);
  }

  tanh(x: Value, path: string): Value {
    return this.elementwise('Tanh', [x], path);
  }

  softmax(x: Value, path: string): Value {
    return this.elementwise('Softmax', [x], `${path}.softmax`, { axis: int(-1) }, path);
  }

  // Products

  /** nn.Linear over the last axis. */
  linear(x: Value, path: string): Value {
    const weight = this.weight(`${path}.weight`, [null, x.shape.at(-1)!]);
    const out = weight.shape[0]!;
    const bias = this.weights.has(`${path}.bias`) ? this.weight(`${path}.bias`, [out]) : null;
    return this.product(x, weight, bias, path);
  }

  /** x times the transpose of a weight [out, in], plus bias. */
  product(x: Value, weight: Value, bias: Value | null, path: string): Value {
    const shape = [...x.shape.slice(0, -1), weight.shape[0]!];
    if (x.shape.length === 2) {
      const inputs = bias === null ? [x, weight] : [x, weight, bias];
      return this.emit('Gemm', inputs, { transB: int(1) }, { scope: path, shape });
    }
    const transposed = this.transpose(weight, path, [1, 0], `${weight.name}.transposed`);
    if (bias === null) return this.emit('MatMul', [x, transposed], {}, { scope: path, shape });
    const name = `${path}.matmul`;
    return this.add(this.emit('MatMul', [x, transposed], {}, { scope: path, shape, name }), bias, path, path);
  }

  /** Matrix product over the last two axes. */
  matMul(a: Value, b: Value, path: string): Value {
    const shape = [...a.shape.slice(0, -1), b.shape.at(-1)!];
    return this.emit('MatMul', [a, b], {}, { scope: path, shape, name: `${path}.matmul` });
  }

  // Arithmetic of a module's own forward function: `path` is the module, not the operation

  /** The shape is that of `a`; `b` may broadcast to it. */
  add(a: Value, b: Value, path: string, name = `${path}.add`): Value {
    return this.emit('Add', [a, b], {}, { scope: path, shape: a.shape, name });
  }

  multiply(a: Value, b: Value, path: string, name = `${path}.mul`): Value {
    return this.emit('Mul', [a, b], {}, { scope: path, shape: a.shape, name });
  }

  scale(x: Value, factor: number, path: string): Value {
    return this.multiply(x, this.scalar(factor), path);
  }

  /** Mean over some axes, which are dropped. */
  mean(x: Value, axes: readonly number[], path: string): Value {
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    const over = this.constant(constantOf('int64', [axes.length], axes));
    return this.emit('ReduceMean', [x, over], { keepdims: int(0) }, { scope: path, shape, name: `${path}.mean` });
  }

  // Rearrangement

  concat(values: readonly Value[], axis: number, path: string): Value {
    const size = values.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const shape = values[0]!.shape.map((dim, index) => (index === axis ? size : dim));
    return this.emit('Concat', values, { axis: int(axis) }, { scope: path, shape, name: `${path}.cat` });
  }

  /** Equal parts along an axis. */
  chunk(x: Value, parts: number, axis: number, path: string): Value[] {
    const size = x.shape[axis]! / parts;
    return Array.from({ length: parts }, (_, index) => this.slice(x, axis, index * size, (index + 1) * size, path));
  }

  /** Elements `begin` up to `end` along an axis, every `step`-th of them. */
  slice(x: Value, axis: number, begin: number, end: number, path: string, step = 1): Value {
    const shape = x.shape.map((dim, index) => (index === axis ? Math.ceil((end - begin) / step) : dim));
    const bounds = [begin, end, axis, step].map((value) => this.constant(constantOf('int64', [1], [value])));
    return this.emit('Slice', [x, ...bounds], {}, { scope: path, shape, name: `${path}.slice` });
  }

  /** One element along an axis, which is dropped. */
  select(x: Value, axis: number, index: number, path: string): Value {
    const shape = x.shape.filter((_, other) => other !== axis);
    const at = this.constant(constantOf('int64', [], [index]));
    return this.emit('Gather', [x, at], { axis: int(axis) }, { scope: path, shape, name: `${path}.select` });
  }

  /** Rows of a table [rows, ...] by their numbers. */
  rows(table: Value, indices: readonly number[], path: string): Value {
    const at = this.constant(constantOf('int64', [indices.length], indices));
    const shape = [indices.length, ...table.shape.slice(1)];
    return this.emit('Gather', [table, at], { axis: int(0) }, { scope: path, shape, name: `${path}.rows` });
  }

  transpose(x: Value, path: string, perm: readonly number[], name = `${path}.permute`): Value {
    const shape = perm.map((axis) => x.shape[axis]!);
    return this.emit('Transpose', [x], { perm: ints(perm) }, { scope: path, shape, name });
  }

  reshape(x: Value, shape: readonly number[], path: string): Value {
    const to = this.constant(constantOf('int64', [shape.length], shape));
    return this.emit('Reshape', [x, to], {}, { scope: path, shape, name: `${path}.view` });
  }

  /** Zeros after the end of some axes. */
  padEnd(x: Value, sizes: readonly number[], path: string): Value {
    const shape = x.shape.map((dim, axis) => dim + (sizes[axis] ?? 0));
    const amounts = [...x.shape.map(() => 0), ...x.shape.map((_, axis) => sizes[axis] ?? 0)];
    const pads = this.constant(constantOf('int64', [amounts.length], amounts));
    return this.emit('Pad', [x, pads], {}, { scope: path, shape, name: `${path}.pad` });
  }

  /** [batch, ...] -> [batch, product]. */
  flatten(x: Value, path: string): Value {
    const [batch = 1, ...rest] = x.shape;
    const shape = [batch, rest.reduce((size, dim) => size * dim, 1)];
    return this.emit(
      'Flatten',
      [x],
      { axis: int(1) },
      { scope: path, shape, name: path === '' ? 'flatten' : `${path}.flatten` },
    );
  }

  /** [1, ...] -> [batch, ...] */
  repeat(x: Value, batch: number, path: string): Value {
    const shape = [batch, ...x.shape.slice(1)];
    const to = this.constant(constantOf('int64', [shape.length], shape));
    return this.emit('Expand', [x, to], {}, { scope: path, shape, name: `${path}.expand` });
  }

  constant(constant: Constant): Value {
    return { name: this.builder.constant(constant), shape: constant.shape };
  }

  scalar(value: number): Value {
    return this.constant(constantOf('float32', [], [value]));
  }

  private elementwise(
    op: string,
    inputs: readonly Value[],
    name: string,
    attributes: Readonly<Record<string, Attribute>> = {},
    scope = name,
  ): Value {
    return this.emit(op, inputs, attributes, { scope, shape: inputs[0]!.shape, name });
  }

  /** Adds a node. A module used again gets a number, as PyTorch's exporters give it: `relu`, `relu_1`. */
  emit(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>>, made: Emitted): Value {
    const { scope, shape, name = scope } = made;
    const value = this.unique(name.replace(/^\./, ''));
    const used = name === scope ? value : scope;
    this.builder.node(
      op,
      inputs.map((input) => input.name),
      attributes,
      [value],
      used === '' ? {} : { scope: used },
    );
    return { name: value, shape };
  }

  private unique(name: string): string {
    const count = this.names.get(name) ?? 0;
    this.names.set(name, count + 1);
    return count === 0 ? name : this.unique(`${name}_${count}`);
  }

  private pooled(x: Value, { kernel, stride, padding = 0, ceil = false }: Pool, path: string): number[] {
    const [batch = 1, channels = 1, ...sides] = x.shape;
    return [batch, channels, ...sides.map((side) => windowsAlong(side, { kernel, stride, padding, ceil }, path))];
  }
}

function poolAttributes({ kernel, stride, padding = 0, ceil = false }: Pool): Record<string, Attribute> {
  return {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    pads: ints([padding, padding, padding, padding]),
    ceil_mode: int(ceil ? 1 : 0),
  };
}
