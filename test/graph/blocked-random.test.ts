// Networks drawn at random, gates among what they are made of, compute the same in blocks as in the layout they came in.
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { blockSize } from '../../src/engine/block-size.ts';
import { float, int, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { blocked } from '../../src/graph/passes/blocked/blocked.ts';
import { constantOf, sizeOf } from '../../src/graph/tensor.ts';
import { Random } from '../../src/lib/random.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { largestDifference } from '../arrays.ts';

const NETWORKS = 36;
const STEPS = 14;

/** A network of maps [batch, channels, height, width]; its outputs are the last map and averages of all. */
function drawn(seed: number): Graph {
  const random = Random.of(seed, 'network');
  const b = new GraphBuilder();
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]!;
  const [batch, channels, height, width] = [
    pick([1, 2, 3]),
    pick([32, 64, 96, 24, 40]),
    pick([1, 2, 4, 5, 6]),
    pick([3, 4, 7]),
  ];
  const node = (...args: Parameters<GraphBuilder['node']>): string => b.node(...args)[0]!;
  const known = (...shape: number[]): string => {
    const spread = 1 / Math.sqrt(Math.max(1, sizeOf(shape.slice(1))));
    return b.constant(constantOf('float32', shape, Array.from({ length: sizeOf(shape) }, () => (random.unit() * 2 - 1) * spread))); // prettier-ignore
  };
  const positive = (size: number): string =>
    b.constant(
      constantOf(
        'float32',
        [size],
        Array.from({ length: size }, () => 0.5 + random.unit()),
      ),
    );
  const axes = b.constant(constantOf('int64', [2], [2, 3]));
  const conv = (x: string, size: number, groups: number, bias: boolean): string => {
    const filter = known(channels, channels / groups, size, size);
    const pad = (size - 1) / 2;
    const attributes = { kernel_shape: ints([size, size]), pads: ints([pad, pad, pad, pad]), group: int(groups) };
    return node('Conv', [x, filter, ...(bias ? [known(channels)] : [])], attributes);
  };
  const average = (x: string): string =>
    pick([true, false]) ? node('GlobalAveragePool', [x]) : node('ReduceMean', [x, axes], { keepdims: int(1) });
  const point = (x: string, after: number, before: number): string =>
    node('Add', [node('Conv', [x, known(after, before, 1, 1)], { kernel_shape: ints([1, 1]) }), known(after, 1, 1)]);
  const swish = (x: string): string => node('Mul', [x, node('Sigmoid', [x])]);
  const oneMinus = (s: string): string => node('HardSigmoid', [s], { alpha: float(-1), beta: float(1) });
  const slope = (x: string): string => {
    const s = node('Sigmoid', [x]);
    return node('Add', [s, node('Mul', [node('Mul', [x, s]), oneMinus(s)])]);
  };
  const gate = (x: string): string => {
    const squeezed = pick([32, 20, 10]);
    const inner = point(node('Relu', [point(average(x), squeezed, channels)]), channels, squeezed);
    return node('Mul', pick([true, false]) ? [x, node('Sigmoid', [inner])] : [node('HardSigmoid', [inner]), x]);
  };
  /** A gate between two swishes, and what its gradient by a map is, times that map. */
  const gateAndGradient = (x: string): string => {
    const squeezed = pick([32, 10]);
    const inner = point(average(x), squeezed, channels);
    const s = node('Sigmoid', [point(swish(inner), channels, squeezed)]);
    const gated = node('Tanh', [node('Mul', [x, s])]);
    const gradient = any();
    const sum = node('ReduceSum', [node('Mul', [gradient, x]), axes], { keepdims: int(1) });
    const bySqueezed = point(node('Mul', [sum, node('Mul', [s, oneMinus(s)])]), squeezed, channels);
    const byPlane = point(node('Mul', [bySqueezed, slope(inner)]), channels, squeezed);
    return node('Tanh', [node('Add', [node('Mul', [gated, s]), byPlane])]);
  };
  const normal = (x: string): string =>
    node('BatchNormalization', [x, known(channels), known(channels), known(channels), positive(channels)]);
  const maps = [b.input('x', { dtype: 'float32', shape: [batch, channels, height, width] })];
  const any = (): string => pick(maps.slice(-4));
  const steps: readonly (() => string)[] = [
    () => conv(any(), 1, 1, pick([true, false])),
    () => conv(any(), 3, 1, pick([true, false])),
    () => conv(any(), 3, channels, pick([true, false])),
    () => (channels % 16 === 0 ? conv(any(), 1, channels / 16, true) : conv(any(), 1, 1, true)),
    () => normal(conv(any(), 1, 1, false)),
    () => node(pick(['Relu', 'Sigmoid', 'Tanh', 'LeakyRelu', 'HardSigmoid']), [normal(conv(any(), 3, channels, true))]),
    () => node(pick(['Relu', 'HardSwish']), [node('Add', [conv(any(), 1, 1, true), any()])]),
    () => node('HardSwish', [conv(any(), 3, 1, true)]),
    () => node('MaxPool', [conv(any(), 3, 1, true)], { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) }),
    () => {
      const twice = conv(any(), 1, 1, true);
      return node('Add', [twice, twice]);
    },
    () => {
      const half = channels / 2;
      const bounds = [[0], [half], [1]].map((values) => b.constant(constantOf('int64', [1], values)));
      const part = node('Slice', [any(), ...bounds]);
      return node('Concat', [part, node('Relu', [part])], { axis: int(1) });
    },
    () => {
      const number = node('Conv', [average(any()), known(1, channels, 1, 1), known(1)], { kernel_shape: ints([1, 1]) });
      return node('Mul', [any(), number]);
    },
    () => node('Add', [conv(any(), 1, 1, true), conv(any(), 3, 1, false)]),
    () => node('Mul', [swish(conv(any(), 1, 1, true)), slope(any())]),
    () => swish(any()),
    () => node(pick(['Mul', 'Sub', 'Max', 'Div']), [any(), node('Exp', [any()])]),
    () => node('Mul', [any(), known(1)]),
    () => {
      const [map, other] = [node('Tanh', [any()]), any()];
      const sum = node('ReduceSum', [node('Mul', [map, other]), axes], { keepdims: int(1) });
      return node('Add', [node('Mul', [map, node('Sigmoid', [sum])]), node('Tanh', [sum])]);
    },
  ];
  // A gate after every step but the first: networks with few of them are left alone.
  for (let step = 0; step < STEPS; step++)
    maps.push(step % 2 === 1 ? pick([gate, gate, gateAndGradient])(any()) : node('Tanh', [pick(steps)()]));
  const outputs = [maps.at(-1)!, ...maps.slice(1).map((map) => node('GlobalAveragePool', [map]))];
  const type = { dtype: 'float32', shape: null } as const;
  return b.finish(outputs.map((value, index) => ({ name: `y${index}`, value, type })));
}

async function run(graph: Graph): Promise<readonly Float32Array[]> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const shape = graph.inputs[0]!.type.shape as readonly number[];
  const x = Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * 0.37));
  const results = await session.run({ x: new ort.Tensor(x, shape) });
  await session.release();
  return graph.outputs.map(({ name }) => results[name]!.data as Float32Array);
}

test('three dozen networks', { timeout: 60_000 }, async (context) => {
  const size = await blockSize();
  if (size === null) context.skip('ONNX Runtime has no blocked layout on this processor');
  let written = 0;
  for (let seed = 0; seed < NETWORKS; seed++) {
    const before = inferTypes(drawn(seed));
    const after = blocked(before, size!);
    if (after === before) continue;
    written++;
    const [expected, found] = [await run(before), await run(after)];
    for (const [index, values] of expected.entries())
      expect(largestDifference(found[index]!, values), `network ${seed}, output ${index}`).toBeLessThan(2e-5);
  }
  expect(written).toBeGreaterThan(NETWORKS / 2);
});
