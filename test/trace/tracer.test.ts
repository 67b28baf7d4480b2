import { afterEach, describe, expect, test } from 'vitest';
import { checkGraph } from '../../src/graph/check.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { GradcamError } from '../../src/lib/errors.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { traceBackend } from '../../src/trace/backend.ts';
import * as forward from '../../src/trace/forward.ts';
import { record, trace, type Tracer } from '../../src/trace/tracer.ts';
import { seeded4d } from '../tf/tensors.ts';
import { runNative } from './native.ts';

const ops = (graph: Graph): string[] => graph.nodes.map((node) => node.op);
const matrix = { dtype: 'float32', shape: [2, 3] } as const;

afterEach(() => expect(tf.getBackend()).toBe('cpu'));

describe('the graph', () => {
  test('has one output per key, in logical order, and nothing that they do not need', () => {
    const graph = trace((tracer) => {
      const x = tracer.input('x', matrix);
      tf.exp(x);
      return { turned: tf.transpose(x), sum: tf.sum(x) };
    });
    checkGraph(graph);
    expect(graph.opset).toBe(18);
    expect(graph.inputs).toEqual([{ name: 'x', type: matrix }]);
    expect(graph.outputs).toEqual([
      { name: 'turned', type: { dtype: 'float32', shape: [3, 2] } },
      { name: 'sum', type: { dtype: 'float32', shape: [] } },
    ]);
    expect(ops(graph).sort()).toEqual(['Identity', 'Identity', 'ReduceSum', 'Reshape', 'Transpose']);
  });

  test('has the same node once', () => {
    const graph = trace((tracer) => {
      const x = tracer.input('x', matrix);
      return { y: tf.add(tf.exp(tf.transpose(x)), tf.transpose(tf.exp(x))) };
    });
    expect(ops(graph).filter((op) => op === 'Exp')).toHaveLength(1);
  });

  test('has names of its own, under a prefix that the caller chooses', () => {
    const graph = trace((tracer) => ({ y: tf.exp(tracer.input('x', matrix)) }), { prefix: 'tail/' });
    expect(graph.nodes[0]!.outputs[0]).toMatch(/^tail\//);
  });

  test('keeps integers and truth values as they are', async () => {
    const graph = trace((tracer) => {
      const x = tracer.input('x', matrix);
      return { best: tf.argMax(x, 1), positive: tf.greater(x, 0) };
    });
    expect(graph.outputs.map((port) => port.type.dtype)).toEqual(['int32', 'bool']);
    const { best, positive } = await runNative(graph, { x: tf.tensor2d([1, 3, -2, -5, -6, -4], [2, 3]) });
    expect([...best!.dataSync()]).toEqual([1, 2]);
    expect([...positive!.dataSync()]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  test('shares the memory of constants that need not move', () => {
    const weights = Float32Array.from({ length: 2 * 3 * 5 * 5 }, (_, index) => index);
    const graph = trace((tracer) => {
      const x = tracer.input('x', { dtype: 'float32', shape: [1, 3, 8, 8] }) as tf.Tensor4D;
      // OIHW as a file has it, seen as HWIO by TensorFlow.js, lying as OIHW in the graph.
      const filter = tf.transpose<tf.Tensor4D>(tf.tensor(weights, [2, 3, 5, 5]), [2, 3, 1, 0]);
      const nhwc = tf.transpose(x, [0, 2, 3, 1]);
      return { y: tf.transpose(tf.conv2d(nhwc, filter, 1, 'same'), [0, 3, 1, 2]) };
    });
    const filter = [...graph.constants.values()].find((constant) => constant.shape.length === 4);
    expect(filter?.bytes.buffer).toBe(weights.buffer);
  });

  test('of an output that depends on nothing is a constant', async () => {
    const graph = trace(() => ({ y: tf.mul(tf.ones([2, 2]), 3) }));
    expect([...(await runNative(graph, {})).y!.dataSync()]).toEqual([3, 3, 3, 3]);
  });
});

describe('constants', () => {
  test('are worked out as TensorFlow.js works them out, however they lie', () => {
    const [variance, gamma] = [seeded4d([1, 2, 3, 4], 1), seeded4d([1, 2, 3, 4], 2)];
    const parts = (x: tf.Tensor, y: tf.Tensor): tf.Tensor[] => {
      const scale = tf.mul(tf.rsqrt(tf.add(tf.square(x), 1e-3)), y);
      return [
        scale,
        tf.sub(1, scale),
        tf.div(scale, tf.sqrt(tf.add(tf.abs(y), 2))),
        tf.add(tf.transpose(x), tf.scalar(3)),
      ];
    };
    const wanted = parts(variance, gamma).map((tensor) => [...tensor.dataSync()]);
    let found: number[][] = [];
    const [values, scales] = [variance.dataSync(), gamma.dataSync()];
    trace(() => {
      const results = parts(tf.tensor(values, variance.shape), tf.tensor(scales, gamma.shape));
      found = results.map((tensor) => [...tensor.dataSync()]);
      return { first: results[0]! };
    });
    expect(found).toEqual(wanted);
  });

  test('lie as their permutation says', () => {
    const graph = record((tracer) => {
      const filter = forward.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2], 'float32', [1, 0]);
      expect(forward.knownNumbers(filter)).toEqual([1, 4, 2, 5, 3, 6]);
      return { y: forward.add(tracer.input('x', { dtype: 'float32', shape: [3, 2] }, [1, 0]), filter) };
    });
    expect(ops(graph)).toEqual(['Add', 'Transpose', 'Identity']);
  });
});

describe('inputs', () => {
  test('lie as their permutation says', async () => {
    const nhwc = [1, 2, 3, 2] as const;
    const graph = trace((tracer) => {
      const x = tracer.input('x', { dtype: 'float32', shape: nhwc }, [0, 3, 1, 2]);
      return { channels: tf.mean(x, [1, 2]), logical: x };
    });
    expect(graph.inputs[0]!.type.shape).toEqual([1, 2, 2, 3]);
    const values = tf.range(0, 12).reshape([1, 2, 2, 3]);
    const { channels, logical } = await runNative(graph, { x: values });
    expect([...channels!.dataSync()]).toEqual([2.5, 8.5]);
    expect(logical!.shape).toEqual([1, 2, 3, 2]);
    expect([...logical!.dataSync()]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
  });

  test.each([
    ['float16', 'float32'],
    ['int64', 'int32'],
    ['uint8', 'int32'],
  ] as const)('%s arrives as %s', (dtype, arrives) => {
    const graph = trace((tracer) => {
      const x = tracer.input('x', { dtype, shape: [2] });
      expect(x.dtype).toBe(arrives);
      return { y: tf.add(x, tf.scalar(1, arrives)) };
    });
    expect(graph.inputs[0]!.type.dtype).toBe(dtype);
    expect(ops(graph)).toEqual(['Cast', 'Add', 'Identity']);
  });

  test.each([[[0, 2, 1]], [[0, 0]], [[1, 2]]])('refuse the permutation %j of a matrix', (permutation) => {
    expect(() => trace((tracer) => ({ x: tracer.input('x', matrix, permutation) }))).toThrow(
      /every axis of \[2, 3\] once/,
    );
  });
});

test('scopes mark nodes, nested ones joined', () => {
  const graph = record((tracer) => {
    const x = forward.exp(tracer.input('x', matrix));
    const y = tracer.scope('layer4', () => tracer.scope('2', () => forward.relu(forward.abs(x))));
    return { y: forward.neg(y) };
  });
  expect(graph.nodes.map(({ op, scope }) => [op, scope])).toEqual([
    ['Exp', undefined],
    ['Abs', 'layer4/2'],
    ['Relu', 'layer4/2'],
    ['Neg', undefined],
    ['Identity', undefined],
  ]);
});

describe('errors', () => {
  const failure = (build: (tracer: Tracer) => Record<string, tf.Tensor>): GradcamError => {
    try {
      trace(build);
    } catch (error) {
      expect(error).toBeInstanceOf(GradcamError);
      return error as GradcamError;
    }
    throw new Error('nothing was thrown');
  };

  test('a read of what is not known names the operation', () => {
    const error = failure((tracer) => {
      const [best] = tf.argMax(tracer.input('x', matrix), 1).dataSync();
      return { y: tf.scalar(best!) };
    });
    expect(error.code).toBe('trace-read');
    expect(error.message).toMatch(/result of Cast .* was read/);
    const ofInput = failure((tracer) => ({ y: tf.tensor(tracer.input('x', matrix).arraySync()) }));
    expect(ofInput.message).toMatch(/input/);
  });

  test('a read that is waited for is refused as well', async () => {
    let reading: Promise<unknown> | undefined;
    trace((tracer) => {
      const x = tracer.input('x', matrix);
      reading = x.data();
      return { x };
    });
    await expect(reading).rejects.toThrow(/was read while/);
  });

  test('a read of a constant gives its values', () => {
    trace(() => {
      const x = tf.transpose(tf.tensor2d([1, 2, 3, 4], [2, 2]));
      expect([...tf.add(x, 1).dataSync()]).toEqual([2, 4, 3, 5]);
      return { x };
    });
  });

  test('a kernel that cannot be recorded is named, with shapes, attributes and the file to add', () => {
    const error = failure((tracer) => ({ y: tf.unique(tracer.input('x', { dtype: 'float32', shape: [4] })).values }));
    expect(error.code).toBe('kernel-not-lowered');
    expect(error.message).toMatch(/Unique/);
    expect(error.message).toMatch(/x float32 \[4\]/);
    expect(error.message).toMatch(/"axis":0/);
    expect(error.message).toMatch(/src\/trace\/ops\/Unique\.ts/);
  });

  test('strings are refused', () => {
    expect(failure(() => ({ y: tf.tensor(['a']) })).code).toBe('trace-type');
    expect(failure((tracer) => ({ y: tracer.input('x', { dtype: 'string', shape: [1] }) })).code).toBe('trace-type');
  });

  test('a tensor used after its trace says so', () => {
    let kept: tf.Tensor | undefined;
    trace((tracer) => {
      kept = tf.keep(tf.exp(tracer.input('x', matrix)));
      return { y: kept };
    });
    expect(() => kept!.dataSync()).toThrow(/while the computation was being recorded/);
    trace((tracer) => {
      expect(() => tf.neg(kept!)).toThrow(/after the trace/);
      return { y: tracer.input('x', matrix) };
    });
    kept!.dispose();
  });
});

describe('nothing is left behind', () => {
  const counts = (): Record<string, number> => ({
    tensors: tf.memory().numTensors,
    buffers: tf.memory().numDataBuffers,
    traced: traceBackend().numDataIds(),
    cpu: tf.findBackend('cpu').numDataIds(),
  });

  const gradient = (tracer: Tracer): Record<string, tf.Tensor> => {
    const x = tracer.input('x', { dtype: 'float32', shape: [1, 6, 6, 2] });
    const filter = seeded4d([3, 3, 2, 4]);
    return { y: tf.grad((a: tf.Tensor) => tf.sum(tf.relu(tf.conv2d(a as tf.Tensor4D, filter, 1, 'same'))))(x) };
  };

  test('after a trace', () => {
    const before = counts();
    trace(gradient);
    expect(counts()).toEqual(before);
  });

  test('after an error, and the backend is the one before', () => {
    const before = counts();
    expect(() =>
      trace((tracer) => {
        gradient(tracer);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(counts()).toEqual(before);
    expect(tf.getBackend()).toBe('cpu');
  });

  test('tensors of another backend are read and usable there again', () => {
    const weights = tf.tensor1d([1, 2, 3]);
    const flat = tf.reshape(weights, [1, 3]);
    const before = counts();
    const graph = trace((tracer) => ({ y: tf.add(tf.mul(tracer.input('x', matrix), weights), flat) }));
    expect(graph.constants.size).toBe(1);
    expect([...tf.add(weights, 1).dataSync()]).toEqual([2, 3, 4]);
    expect(flat.shape).toEqual([1, 3]);
    expect({ ...counts(), tensors: 0, buffers: 0, cpu: 0 }).toEqual({ ...before, tensors: 0, buffers: 0, cpu: 0 });
    tf.dispose([weights, flat]);
  });

  test('traces nest', () => {
    let inner: Graph | undefined;
    const outer = trace((tracer) => {
      const x = tracer.input('x', matrix);
      inner = trace((nested) => ({ z: tf.neg(nested.input('x', matrix)) }));
      return { y: tf.exp(x) };
    });
    expect(ops(outer)).toEqual(['Exp', 'Identity']);
    expect(ops(inner!)).toEqual(['Neg', 'Identity']);
  });
});
