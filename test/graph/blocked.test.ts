// Graphs in blocked layout are compared with those they came from, in ONNX Runtime.
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { blockSize } from '../../src/engine/block-size.ts';
import { float, int, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { blocked, BLOCKED_DOMAIN, mayGainByBlocks } from '../../src/graph/passes/blocked/blocked.ts';
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
  const learnt = b.input('learnt', { dtype: 'float32', shape: [CHANNELS, 1, 1, 1] });
  const [other] = b.node('Conv', [b.input('z', { dtype: 'float32', shape: MAP }), learnt], { group: int(CHANNELS) });
  const type = { dtype: 'float32', shape: null } as const;
  const outputs = { sum: kept!, other: other! };
  const before = inferTypes(b.finish(Object.entries(outputs).map(([name, value]) => ({ name, value, type }))));
  const after = blocked(before, size!);
  expect(after.nodes.map((node) => node.op)).not.toContain('Mul');
  expect(after.nodes.map((node) => node.domain)).toContain(BLOCKED_DOMAIN);
  expect(largestDifference((await run(after)).sum!, (await run(before)).sum!)).toBeLessThan(1e-3);
});

test('a graph without gates whose filters are known beforehand, or whose channels fill no block, stays as it is', () => {
  const graph = block();
  expect(mayGainByBlocks(graph)).toBe(true);
  expect(blocked(graph, 128)).toBe(graph);
  const filters = constantOf('float32', [CHANNELS, 1, 3, 3], new Float32Array(CHANNELS * 9));
  const known = {
    ...graph,
    constants: new Map([...graph.constants, ['first', filters], ['second', filters]]),
    inputs: graph.inputs.filter(({ name }) => name !== 'first' && name !== 'second'),
    // The gradient of a filter convolves with a map, which nobody knows beforehand.
    nodes: graph.nodes.filter(({ op, attributes }) => op !== 'Conv' || attributes.group?.value !== 2 * CHANNELS),
  };
  expect(mayGainByBlocks(known)).toBe(false);
});

/**
 * Two blocks with squeeze and excitation between convolutions with known filters, and what their gradients are made of: the
 * sum of a product of maps for a gate, a product and a sum with one number a plane, the derivative of swish, and the mean of a
 * product with what a convolution with steps spreads.
 */
function gated(channels: number): Graph {
  const b = new GraphBuilder();
  let seed = 0;
  const known = (...shape: number[]): string => {
    seed++;
    const scale = 1 / Math.sqrt(sizeOf(shape.slice(1)) || 1);
    const wave = (_: unknown, index: number): number => scale * Math.sin(index * 0.61 + seed);
    return b.constant(constantOf('float32', shape, Array.from({ length: sizeOf(shape) }, wave)));
  };
  const positive = (...shape: number[]): string =>
    b.constant(constantOf('float32', shape, new Float32Array(sizeOf(shape)).fill(0.8)));
  const axes = b.constant(constantOf('int64', [2], [2, 3]));
  const node = (...args: Parameters<GraphBuilder['node']>): string => b.node(...args)[0]!;
  const conv = (x: string, taps: readonly [number, number, number, number], group = 1, bias = false): string =>
    node('Conv', [x, known(...taps), ...(bias ? [known(taps[0])] : [])], {
      kernel_shape: ints(taps.slice(2)),
      pads: ints([taps[2] >> 1, taps[3] >> 1, taps[2] >> 1, taps[3] >> 1]),
      group: int(group),
    });
  const normal = (x: string): string =>
    node('BatchNormalization', [x, known(channels), known(channels), known(channels), positive(channels)]);
  const excited = (x: string, average: string): string => {
    const squeezed = node('Relu', [node('Add', [conv(average, [64, channels, 1, 1]), known(64, 1, 1)])]);
    return node('Mul', [x, node('Sigmoid', [conv(squeezed, [channels, 64, 1, 1], 1, true)])]);
  };
  const x = b.input('x', { dtype: 'float32', shape: [2, channels, 6, 5] });
  const wide = normal(conv(x, [channels, channels, 1, 1]));
  const s = node('Sigmoid', [wide]);
  const swish = node('Mul', [s, wide]);
  const slope = node('Add', [s, node('Mul', [swish, node('HardSigmoid', [s], { alpha: float(-1), beta: float(1) })])]);
  const deep = node('LeakyRelu', [normal(conv(swish, [channels, 1, 3, 3], channels))], { alpha: float(0.2) });
  const first = conv(excited(deep, node('GlobalAveragePool', [deep])), [channels, channels, 1, 1], 1, true);
  const residual = node('Relu', [node('Add', [first, x])]);
  const grouped = node('Mul', [conv(residual, [channels, 32, 3, 3], channels / 32), positive(1, 1, 1, 1)]);
  const mean = node('ReduceMean', [grouped, axes], { keepdims: int(1) });
  const second = node('Add', [excited(grouped, mean), conv(residual, [channels, channels, 3, 3])]);
  // Two convolutions wait for one sum.
  const sum = node('Add', [conv(second, [channels, channels, 1, 1]), conv(grouped, [channels, channels, 1, 1])]);
  const backward = node('Tanh', [sum]);
  const ofGate = node('ReduceSum', [node('Mul', [backward, grouped]), axes], { keepdims: int(1) });
  const gate = node('Sigmoid', [ofGate]);
  const ofMap = node('Add', [node('Mul', [backward, gate]), ofGate]);
  const strided = { strides: ints([2, 2]), pads: ints([1, 1, 1, 1]), group: int(channels), kernel_shape: ints([3, 3]) };
  const narrow = node('Conv', [ofMap, known(channels, 1, 3, 3)], strided);
  const spread = { ...strided, output_padding: ints([1, 0]) };
  const wideAgain = node('ConvTranspose', [narrow, known(channels, 1, 3, 3)], spread);
  const weights = node('ReduceMean', [node('Mul', [wideAgain, slope]), axes], { keepdims: int(1) });
  const average = (map: string): string => node('GlobalAveragePool', [map]);
  const outputs = { residual: average(residual), second: average(second), ofGate, ofMap: average(ofMap), weights };
  const type = { dtype: 'float32', shape: null } as const;
  return b.finish(Object.entries(outputs).map(([name, value]) => ({ name, value, type })));
}

test('gates and their gradients, and the convolutions around them, compute the same in blocks', async (context) => {
  const size = await blockSize();
  if (size === null) context.skip('ONNX Runtime has no blocked layout on this processor');
  const before = gated(64);
  expect(mayGainByBlocks(before)).toBe(true);
  const after = blocked(before, size!);
  const inBlocks = after.nodes.filter((node) => node.domain === BLOCKED_DOMAIN);
  const count = (op: string): number => inBlocks.filter((node) => node.op === op).length;
  // One way in, for the picture, and none out: one place of every channel lies in blocks as it does without.
  expect(count('ReorderInput')).toBe(1);
  expect(count('ReorderOutput')).toBe(0);
  // Biases and normalisations are in filters, sums of maps and activations go along with convolutions.
  expect(after.nodes.filter(({ op }) => op === 'BatchNormalization' || op === 'LeakyRelu' || op === 'Tanh')).toEqual(
    [],
  );
  expect(after.nodes.filter(({ op, domain }) => op === 'Conv' && domain === '')).toEqual([]);
  expect(inBlocks.filter(({ inputs }) => inputs.length === 4)).toHaveLength(4);
  expect(after.nodes.filter(({ op }) => op === 'ConvTranspose' || op === 'HardSigmoid')).toEqual([]);
  const [expected, found] = [await run(inferTypes(before)), await run(after)];
  for (const [name, values] of Object.entries(expected))
    expect(largestDifference(found[name]!, values), name).toBeLessThan(1e-5 * Math.max(1, ...values.map(Math.abs)));
});

test('gates between widths that fill no blocks are left to the runtime', () => {
  const graph = gated(96);
  expect(blocked(graph, 64)).toBe(graph);
});
