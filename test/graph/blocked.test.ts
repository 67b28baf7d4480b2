// Graphs in blocked layout are compared with those they came from, in ONNX Runtime.
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { blockSize } from '../../src/engine/block-size.ts';
import { float, int, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { blocked, BLOCKED_DOMAIN, hasLearntGroups } from '../../src/graph/passes/blocked/blocked.ts';
import { constantOf, sizeOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { largestDifference } from '../arrays.ts';

const CHANNELS = 32;
const MAP = [2, CHANNELS, 6, 5] as const;

/** Two depthwise convolutions with what a network puts between them, its sums, and the first one's gradient by its filter. */
function block(): Graph {
  const b = new GraphBuilder();
  const input = (name: string, shape: readonly number[]): string => b.input(name, { dtype: 'float32', shape });
  const integers = (...values: number[]): string => b.constant(constantOf('int64', [values.length], values));
  const numbers = (shape: readonly number[], value: number): string =>
    b.constant(constantOf('float32', shape, new Float32Array(sizeOf(shape)).fill(value)));
  const node = (...args: Parameters<GraphBuilder['node']>): string => b.node(...args)[0]!;
  const depthwise = (x: string, filter: string, stride: number): string =>
    node('Conv', [x, filter], {
      kernel_shape: ints([3, 3]),
      strides: ints([stride, stride]),
      pads: ints([1, 1, 1, 1]),
      group: int(CHANNELS),
    });
  const [x, plain] = [input('x', MAP), input('plain', [CHANNELS, CHANNELS, 1, 1])];
  const [first, second] = [input('first', [CHANNELS, 1, 3, 3]), input('second', [CHANNELS, 1, 3, 3])];
  const [scale, offset] = [input('scale', [CHANNELS]), input('offset', [CHANNELS])];
  const [mask, gate] = [input('mask', [2, 1, 1, 1]), input('gate', [2, CHANNELS, 1, 1])];
  const expanded = node('Conv', [x, plain], { kernel_shape: ints([1, 1]) });
  const dw = depthwise(expanded, first, 1);
  const mean = node('ReduceMean', [dw, integers(0, 2, 3)], { keepdims: int(0) });
  const squares = node('ReduceSum', [node('Mul', [dw, dw]), integers(0, 2, 3)], { keepdims: int(1) });
  const still = [numbers([CHANNELS], 0), numbers([CHANNELS], 1)];
  const normal = node('BatchNormalization', [dw, scale, offset, ...still], { epsilon: float(0) });
  const swish = node('Mul', [node('Sigmoid', [normal]), normal]);
  const gated = node('Add', [node('Mul', [swish, gate]), gate]);
  const masked = node('Mul', [gated, mask]);
  const pooled = node('ReduceSum', [masked, integers(2, 3)], { keepdims: int(1) });
  const last = depthwise(masked, second, 2);
  const projected = node('Conv', [last, plain], { kernel_shape: ints([1, 1]) });
  const planes = 2 * CHANNELS;
  const filterGrad = node(
    'Conv',
    [node('Reshape', [expanded, integers(1, planes, 6, 5)]), node('Reshape', [masked, integers(planes, 1, 6, 5)])],
    { kernel_shape: ints([6, 5]), pads: ints([1, 1, 1, 1]), group: int(planes) },
  );
  const outputs = { mean, squares, pooled, swish, projected, filterGrad };
  const type = { dtype: 'float32', shape: null } as const;
  return inferTypes(b.finish(Object.entries(outputs).map(([name, value]) => ({ name, value, type }))));
}

async function run(graph: Graph): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, type }, place) => {
      const shape = type.shape as readonly number[];
      const waves = Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * 0.37 + place));
      return [name, new ort.Tensor(waves, shape)];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

test('depthwise convolutions and what lies between them compute the same in blocks', async (context) => {
  const size = await blockSize();
  if (size === null) context.skip('ONNX Runtime has no blocked layout on this processor');
  const before = block();
  const after = blocked(before, size!);
  const inBlocks = after.nodes.filter((node) => node.domain === BLOCKED_DOMAIN);
  const count = (op: string): number => inBlocks.filter((node) => node.op === op).length;
  // One way in, for what the first convolution and the gradient of its filter read; out for the output and the last convolution.
  expect(count('ReorderInput')).toBe(3);
  expect(count('ReorderOutput')).toBe(3);
  expect(after.nodes.some((node) => node.op === 'BatchNormalization')).toBe(false);
  const [expected, found] = [await run(before), await run(after)];
  for (const [name, values] of Object.entries(expected))
    expect(largestDifference(found[name]!, values), name).toBeLessThan(1e-5 * Math.max(1, ...values.map(Math.abs)));
});

test('the sum of a product of large maps is a convolution, with no product kept', async (context) => {
  const size = await blockSize();
  if (size === null) context.skip('ONNX Runtime has no blocked layout on this processor');
  const b = new GraphBuilder();
  const map = { dtype: 'float32', shape: [2, 3, 48, 44] } as const;
  const [x, y] = [b.input('x', map), b.input('y', map)];
  const axes = b.constant(constantOf('int64', [3], [0, 2, 3]));
  const [product] = b.node('Mul', [x, y]);
  const [kept] = b.node('ReduceSum', [product!, axes], { keepdims: int(1) });
  const type = { dtype: 'float32', shape: [1, 3, 1, 1] } as const;
  const before = inferTypes(b.finish([{ name: 'sum', value: kept!, type }]));
  const after = blocked(before, size!);
  expect(after.nodes.map((node) => node.op)).not.toContain('Mul');
  expect(after.nodes.map((node) => node.domain)).toContain(BLOCKED_DOMAIN);
  expect(largestDifference((await run(after)).sum!, (await run(before)).sum!)).toBeLessThan(1e-3);
});

test('a graph whose filters are known beforehand, or whose channels fill no block, stays as it is', () => {
  const graph = block();
  expect(hasLearntGroups(graph)).toBe(true);
  expect(blocked(graph, 128)).toBe(graph);
  const filters = constantOf('float32', [CHANNELS, 1, 3, 3], new Float32Array(CHANNELS * 9));
  const known = {
    ...graph,
    constants: new Map([...graph.constants, ['first', filters], ['second', filters]]),
    inputs: graph.inputs.filter(({ name }) => name !== 'first' && name !== 'second'),
    // The gradient of a filter convolves with a map, which nobody knows beforehand.
    nodes: graph.nodes.filter(({ op, attributes }) => op !== 'Conv' || attributes.group?.value !== 2 * CHANNELS),
  };
  expect(hasLearntGroups(known)).toBe(false);
});
