import { describe, expect, test } from 'vitest';
import { loadOnnxRuntime } from '../../src/engine/ort.ts';
import { forWebGpu } from '../../src/engine/webgpu.ts';
import { int } from '../../src/graph/attributes.ts';
import type { Graph, Node, TensorType } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/onnx/encode.ts';

const node = (op: string, inputs: string[], outputs: string[], more: Partial<Node> = {}): Node => ({
  op,
  domain: '',
  name: '',
  inputs,
  outputs,
  attributes: {},
  ...more,
});

/** A graph of those nodes; `shapes` of values that are float32. */
const graphOf = (nodes: readonly Node[], shapes: Readonly<Record<string, readonly number[]>>): Graph => ({
  opset: 18,
  domains: {},
  inputs: [],
  outputs: [],
  nodes,
  constants: new Map(),
  types: new Map(
    Object.entries(shapes).map(([name, shape]): [string, TensorType] => [name, { dtype: 'float32', shape }]),
  ),
});

test.each([
  [[8, 6, 3, 3], 'NCHW'],
  [[12, 9, 1, 1], 'NCHW'],
  [[64, 3, 7, 7], undefined], // three channels are read as three
  [[6, 6, 3, 3], undefined], // filters that do not divide by 4
  [[8, 12, 3, 3], undefined],
  [[8, 10, 3, 3], undefined],
])('filters %j are convolved with %s asked for', (filters, layout) => {
  const { provider, graph } = forWebGpu(graphOf([node('Conv', ['x', 'w'], ['y'])], { w: filters }));
  expect(provider.preferredLayout).toBe(layout);
  expect(provider.forceCpuNodeNames).toBeUndefined();
  expect(graph.nodes[0]!.name).toBe('');
});

test('filters of an unknown shape are taken for such', () => {
  expect(forWebGpu(graphOf([node('Conv', ['x', 'w'], ['y'])], {})).provider.preferredLayout).toBe('NCHW');
});

test('what the provider refuses to run goes to the CPU, by name', () => {
  const nodes = [
    node('MaxPool', ['x'], ['y']),
    node('MaxPool', ['x'], ['y2', 'places'], { name: 'pool' }),
    node('Pow', ['x', 'scalar'], ['p']),
    node('Pow', ['x', 'ones'], ['q'], { verbatim: new Uint8Array(3) }),
    node('Pow', ['x', 'ones'], ['r'], { domain: 'other' }),
  ];
  const { graph, provider } = forWebGpu(graphOf(nodes, { scalar: [], ones: [1, 1, 1, 1] }));
  expect(graph.nodes.map(({ name }) => name)).toEqual(['', 'pool', '', 'gradcam/cpu/3', '']);
  expect(graph.nodes[3]).not.toHaveProperty('verbatim'); // its bytes have no name
  expect(provider.forceCpuNodeNames).toEqual(['pool', 'gradcam/cpu/3']);
});

describe('the place of a maximum', () => {
  const classes = (cast: Partial<Node> = {}): Graph => ({
    ...graphOf(
      [
        node('ArgMax', ['x'], ['place'], { attributes: { axis: int(1), keepdims: int(0) } }),
        node('Cast', ['place'], ['y'], { attributes: { to: int(6) }, ...cast }),
      ],
      { x: [2, 4] },
    ),
    inputs: [{ name: 'x', type: { dtype: 'float32', shape: [2, 4] } }],
    outputs: [{ name: 'y', type: { dtype: 'int32', shape: [2] } }],
  });

  test('is found without 64-bit integers, and is the first of equal ones', async () => {
    const { graph } = forWebGpu(classes());
    expect(graph.nodes.map(({ op }) => op)).toEqual(['ReduceMax', 'Equal', 'Where', 'ReduceMin', 'Cast']);
    const ort = await loadOnnxRuntime();
    const session = await ort.InferenceSession.create(encodeModel(graph));
    const x = new ort.Tensor('float32', Float32Array.of(0.5, 3, 3, -1, -2, -4, -7, -1), [2, 4]);
    expect([...((await session.run({ x })).y!.data as Int32Array)]).toEqual([1, 3]);
    await session.release();
  });

  test('stays where it is read as another type', () => {
    const asked = classes({ attributes: { to: int(1) } });
    expect(forWebGpu(asked).graph).toBe(asked);
  });
});
