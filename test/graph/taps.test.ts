import { describe, expect, test } from 'vitest';
import { loadOnnxRuntime } from '../../src/engine/ort.ts';
import { int, ints } from '../../src/graph/attributes.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { byTaps } from '../../src/graph/passes/taps.ts';
import { Random } from '../../src/lib/random.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { largestDifference } from '../arrays.ts';

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly pads?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
}

const graphOf = ({ x, w, y, pads = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] }: Case): Graph => {
  const port = (name: string, shape: readonly number[]) => ({ name, type: { dtype: 'float32', shape } }) as const;
  const attributes = { group: int(w[0]!), pads: ints(pads), strides: ints(strides), dilations: ints(dilations) };
  return {
    opset: 18,
    domains: {},
    inputs: [port('x', x), port('w', w)],
    outputs: [port('y', y)],
    nodes: [{ op: 'Conv', domain: '', name: '', inputs: ['x', 'w'], outputs: ['y'], attributes }],
    constants: new Map(),
    types: new Map(),
  };
};

async function run(graph: Graph): Promise<Float32Array> {
  const ort = await loadOnnxRuntime();
  const session = await ort.InferenceSession.create(encodeModel(graph));
  const random = Random.of(3);
  const feeds = graph.inputs.map(({ name, type }) => {
    const shape = type.shape as number[];
    const length = shape.reduce((size, dim) => size * dim, 1);
    return [
      name,
      new ort.Tensor(
        'float32',
        Float32Array.from({ length }, () => random.normal()),
        shape,
      ),
    ] as const;
  });
  const { y } = await session.run(Object.fromEntries(feeds));
  await session.release();
  return y!.data as Float32Array;
}

describe('convolutions of a channel with a filter larger than the result', () => {
  test.each<Case>([
    { x: [1, 6, 7, 9], w: [6, 1, 7, 9], y: [1, 6, 3, 3], pads: [1, 1, 1, 1] },
    { x: [1, 6, 14, 12], w: [6, 1, 7, 6], y: [1, 6, 3, 3], pads: [1, 1, 0, 0], dilations: [2, 2] },
    { x: [2, 4, 9, 9], w: [4, 1, 5, 5], y: [2, 4, 3, 2], strides: [2, 4] },
    { x: [1, 5, 6, 6], w: [5, 1, 6, 6], y: [1, 5, 1, 1] },
  ])('are sums, tap by tap: $x, $w', async (given) => {
    const graph = graphOf(given);
    const written = byTaps(graph);
    expect(written.nodes.some(({ op }) => op === 'Conv')).toBe(false);
    const [sums, convolved] = await Promise.all([run(written), run(graph)]);
    expect(largestDifference(sums, convolved)).toBeLessThan(1e-5);
  });

  test.each<Case>([
    { x: [1, 6, 9, 9], w: [6, 1, 3, 3], y: [1, 6, 7, 7] }, // the filter is the smaller one
    { x: [1, 6, 7, 7], w: [3, 2, 7, 7], y: [1, 3, 1, 1] }, // two channels a group
  ])('others stay: $x, $w', (given) => {
    const { nodes } = graphOf(given);
    expect(byTaps({ ...graphOf(given), nodes }).nodes).toEqual(nodes);
  });

  test('a filter that is known beforehand stays a convolution', () => {
    const graph = graphOf({ x: [1, 6, 7, 7], w: [6, 1, 7, 7], y: [1, 6, 1, 1] });
    const w = { dtype: 'float32', shape: [6, 1, 7, 7], bytes: new Uint8Array(4 * 6 * 49) } as const;
    const known = { ...graph, inputs: graph.inputs.slice(0, 1), constants: new Map([['w', w]]) };
    expect(byTaps(known)).toBe(known);
  });
});
