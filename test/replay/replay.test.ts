import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  float,
  floats as floatList,
  int,
  ints,
  string,
  tensor as tensorAttribute,
} from '../../src/graph/attributes.ts';
import type { Constant, DType, Graph, Node } from '../../src/graph/graph.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { GradcamError } from '../../src/lib/errors.ts';
import { operators } from '../../src/replay/operators.ts';
import { tensorOf } from '../../src/replay/call.ts';
import { replay } from '../../src/replay/replay.ts';
import { tf } from '../../src/tf/tfjs.ts';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

const node = (op: string, inputs: string[], outputs: string[], rest: Partial<Node> = {}): Node => ({
  op,
  domain: '',
  name: `${op} of ${inputs.join()}`,
  inputs,
  outputs,
  attributes: {},
  ...rest,
});

function graph(nodes: readonly Node[], constants: Record<string, Constant> = {}): Graph {
  const entries = new Map(Object.entries(constants));
  return { opset: 18, domains: {}, inputs: [], outputs: [], nodes, constants: entries, types: new Map() };
}

/** Runs all nodes and reads one value. */
function run(made: Graph, feeds: Record<string, tf.Tensor>, wanted: string): number[] {
  return Array.from(
    replay(made, made.nodes, new Map(Object.entries(feeds)), [wanted])
      .get(wanted)!
      .dataSync(),
  );
}

function failure(run: () => unknown): GradcamError {
  try {
    run();
  } catch (error) {
    if (error instanceof GradcamError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the loop', () => {
  const two = graph([node('Neg', ['x'], ['a']), node('Exp', ['a'], ['b'])], { x: constantOf('float32', [1], [1]) });

  test('constants are there without being fed', () => {
    expect(run(two, {}, 'a')).toEqual([-1]);
  });

  test('a fed value hides the constant and the node of its name', () => {
    expect(run(two, { x: tf.tensor1d([2]) }, 'a')).toEqual([-2]);
    expect(run(two, { a: tf.tensor1d([0]) }, 'b')).toEqual([1]);
  });

  test('a wanted value may be fed or constant', () => {
    const x = tf.tensor1d([3]);
    expect(replay(two, two.nodes, new Map([['x', x]]), ['x']).get('x')).toBe(x);
    expect(run(two, {}, 'x')).toEqual([1]);
  });

  test('nodes that nothing wanted needs are left alone, whatever they are', () => {
    const made = graph([node('Neg', ['x'], ['y']), node('Mystery', ['x'], ['z'])]);
    expect(run(made, { x: tf.tensor1d([1]) }, 'y')).toEqual([-1]);
  });

  test('optional outputs that are left out are no values', () => {
    const made = graph([node('LayerNormalization', ['x', 's'], ['y', '', 'd'])], {
      s: constantOf('float32', [2], [1, 1]),
    });
    expect(run(made, { x: tf.tensor2d([[-1, 1]]) }, 'd')[0]).toBeCloseTo(1, 4);
  });

  test.each([
    ['value', tensorAttribute(constantOf('float32', [2], [1, 2])), [1, 2]],
    ['value_float', float(0.5), [0.5]],
    ['value_floats', floatList([0.5, 1]), [0.5, 1]],
    ['value_int', int(3), [3]],
    ['value_ints', ints([3, 4]), [3, 4]],
  ])('a Constant node gives its %s', (name, attribute, expected) => {
    const made = graph([node('Constant', [], ['c'], { attributes: { [name]: attribute } }), node('Neg', ['c'], ['y'])]);
    expect(run(made, {}, 'c')).toEqual(expected);
    expect(run(made, {}, 'y')).toEqual(expected.map((value) => -value));
  });

  test('nothing but the wanted values outlives the call, and what is fed', () => {
    // Identity and Dropout give the very tensor that they take; the normalisation has outputs that nobody reads.
    const made = graph(
      [
        node('LayerNormalization', ['x', 's'], ['a', 'mean', 'deviation']),
        node('Identity', ['a'], ['b']),
        node('Exp', ['b'], ['c']),
        node('Dropout', ['c'], ['d']),
        node('Add', ['d', 'x'], ['y']),
        node('Identity', ['y'], ['z']),
        node('LayerNormalization', ['x', 's'], ['n']),
        node('Split', ['n'], ['fed', 'w'], { attributes: { axis: int(1) } }),
      ],
      { s: constantOf('float32', [2], [1, 1]) },
    );
    const x = tf.tensor2d([[-1, 1]]);
    const before = tf.memory().numTensors;
    const found = replay(
      made,
      made.nodes,
      new Map([
        ['x', x],
        ['fed', x],
      ]),
      ['b', 'y', 'z', 'w'],
    );
    expect(tf.memory().numTensors - before).toBe(3);
    expect(found.get('z')).toBe(found.get('y'));
    expect(found.get('b')!.isDisposed || x.isDisposed).toBe(false);
  });

  test('gradients work though values are freed, and leave nothing behind', () => {
    const made = graph([node('Sigmoid', ['x'], ['a']), node('Mul', ['a', 'x'], ['b']), node('Exp', ['b'], ['y'])]);
    const x = tf.tensor1d([0.5]);
    const before = tf.memory().numTensors;
    const gradient = tf.grad((a) => replay(made, made.nodes, new Map([['x', a]]), ['y']).get('y')!)(x);
    const s = 1 / (1 + Math.exp(-0.5));
    expect(gradient.dataSync()[0]).toBeCloseTo(Math.exp(0.5 * s) * (s + 0.5 * s * (1 - s)), 5);
    expect(tf.memory().numTensors - before).toBe(1);
  });
});

describe('constants', () => {
  test.each<[DType, number[], 'float32' | 'int32' | 'bool', number[]]>([
    ['float32', [1.5, -2], 'float32', [1.5, -2]],
    ['float64', [1.5, -2], 'float32', [1.5, -2]],
    ['float16', [1.5, -2], 'float32', [1.5, -2]],
    ['bfloat16', [1.5, -2], 'float32', [1.5, -2]],
    ['int8', [1, -2], 'int32', [1, -2]],
    ['uint8', [1, 255], 'int32', [1, 255]],
    ['int64', [1, -(2 ** 63), 2 ** 63], 'int32', [1, -(2 ** 31), 2 ** 31 - 1]],
    ['bool', [0, 1], 'bool', [0, 1]],
  ])('%s becomes a tensor', (dtype, values, expected, numbers) => {
    const tensor = tensorOf(constantOf(dtype, [values.length], values));
    expect(tensor.dtype).toBe(expected);
    expect(Array.from(tensor.dataSync())).toEqual(numbers);
  });

  test('one that lies unaligned in its file is read right', () => {
    const { bytes } = constantOf('float32', [2], [1.5, -2]);
    const file = new Uint8Array(bytes.length + 1);
    file.set(bytes, 1);
    expect(Array.from(tensorOf({ dtype: 'float32', shape: [2], bytes: file.subarray(1) }).dataSync())).toEqual([
      1.5, -2,
    ]);
  });
});

describe('errors', () => {
  test('an unknown operator is named with node, scope, attributes, shapes and a way out', () => {
    const strange = node('Mystery', ['x', ''], ['y'], {
      domain: 'acme',
      name: 'strange',
      scope: 'layer4.1',
      attributes: { factor: int(3), mode: string('odd'), spots: ints([1, 2]) },
    });
    const error = failure(() => run(graph([strange]), { x: tf.ones([2, 3]) }, 'y'));
    expect(error.code).toBe('replay-unsupported');
    expect(error.exitCode).toBe(1);
    for (const part of ["acme.Mystery 'strange' in layer4.1", 'float32[2, 3]', 'factor=3, mode=odd, spots=[1, 2]']) {
      expect(error.message).toContain(part);
    }
    expect(error.parts.hint).toContain('layer');
  });

  test('any name outside the table is refused by name', () => {
    const words = fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString', '__proto__', 'relu', 'Conv '));
    fc.assert(
      fc.property(words, fc.constantFrom('', 'acme', 'com.microsoft'), (op, domain) => {
        fc.pre(!Object.hasOwn(operators, domain === '' ? op : `${domain}.${op}`) && op !== 'Constant');
        const error = failure(() => run(graph([node(op, ['x'], ['y'], { domain })]), { x: tf.ones([1]) }, 'y'));
        expect(error.code).toBe('replay-unsupported');
        expect(error.message).toContain(op);
      }),
    );
  });

  test.each([
    ['volumes', node('Conv', ['v', 'v'], ['y'])],
    [
      'column-major indices',
      node('MaxPool', ['m'], ['y', 'i'], { attributes: { kernel_shape: ints([2, 2]), storage_order: int(1) } }),
    ],
    [
      'crop and resize',
      node('Resize', ['m', '', '', 's'], ['y'], {
        attributes: { coordinate_transformation_mode: string('tf_crop_and_resize') },
      }),
    ],
    ['diagonals', node('Einsum', ['x'], ['y'], { attributes: { equation: string('ii->i') } })],
    ['products', node('ScatterElements', ['x', 'i', 'x'], ['y'], { attributes: { reduction: string('mul') } })],
    ['shapes that do not go together', node('Add', ['x', 'm3'], ['y'])],
    ['a missing input', node('Add', ['x'], ['y'])],
    ['an output that is not computed', node('Relu', ['x'], ['r', 'y'])],
  ])('what an operator does not cover: %s', (_, strange) => {
    const feeds = {
      x: tf.ones([2, 2]),
      v: tf.ones([1, 1, 2, 2, 2]),
      m: tf.ones([1, 1, 4, 4]),
      m3: tf.ones([3]),
      i: tf.zeros([2, 2], 'int32'),
    };
    const made = graph([strange], { s: constantOf('int64', [4], [1, 1, 2, 2]) });
    expect(failure(() => run(made, feeds, 'y')).code).toBe('replay-unsupported');
  });

  test('a value that nothing provides is our defect', () => {
    const error = failure(() => run(graph([node('Neg', ['x'], ['y'])]), {}, 'y'));
    expect(error.code).toBe('replay-missing-value');
    expect(error.exitCode).toBe(2);
    expect(failure(() => run(graph([]), {}, 'y')).code).toBe('replay-missing-value');
  });
});

describe('gradients where frameworks agree on one of many', () => {
  const gradient = (made: Graph, x: tf.Tensor): number[] => {
    const score = (a: tf.Tensor): tf.Tensor => tf.sum(replay(made, made.nodes, new Map([['x', a]]), ['y']).get('y')!);
    return Array.from(tf.grad(score)(x).dataSync());
  };
  const unary = (op: string): Graph => graph([node(op, ['x'], ['y'])]);

  test('|x| at 0 has 0', () => {
    expect(gradient(unary('Abs'), tf.tensor1d([-1, 0, 2]))).toEqual([-1, 0, 1]);
    expect(gradient(unary('ReduceL1'), tf.tensor1d([-1, 0, 2]))).toEqual([-1, 0, 1]);
  });

  test('a norm of nothing but zeros has 0', () => {
    expect(gradient(unary('ReduceL2'), tf.tensor1d([0, 0]))).toEqual([0, 0]);
  });

  test('a rectifier at 0 has 0, a bound at itself 1', () => {
    expect(gradient(unary('Relu'), tf.tensor1d([-1, 0, 2]))).toEqual([0, 0, 1]);
    const clip = graph([node('Clip', ['x', 'low', 'high'], ['y'])], {
      low: constantOf('float32', [], [0]),
      high: constantOf('float32', [], [6]),
    });
    expect(gradient(clip, tf.tensor1d([-1, 0, 6, 7]))).toEqual([0, 1, 1, 0]);
  });

  test('smooth functions keep their slope at 0', () => {
    expect(gradient(unary('Elu'), tf.tensor1d([0]))).toEqual([1]);
  });

  test('steps and comparisons let none through, what is beside them does', () => {
    // y = x * (x > 0) + floor(x)
    const made = graph(
      [
        node('Greater', ['x', 'zero'], ['above']),
        node('Cast', ['above'], ['mask'], { attributes: { to: int(1) } }),
        node('Mul', ['x', 'mask'], ['kept']),
        node('Floor', ['x'], ['whole']),
        node('Add', ['kept', 'whole'], ['y']),
      ],
      { zero: constantOf('float32', [], [0]) },
    );
    expect(gradient(made, tf.tensor1d([-1.5, 2.5]))).toEqual([0, 1]);
  });

  test('a value used twice gets both gradients', () => {
    expect(gradient(graph([node('Mul', ['x', 'x'], ['y'])]), tf.tensor1d([3]))).toEqual([6]);
  });
});
