// What `auto` picks in networks of several branches and of several stages of tokens, drawn node by node.
import { expect, test } from 'vitest';
import { int, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { constantOf, sizeOf } from '../../src/graph/tensor.ts';
import { listLayers, pickLayer } from '../../src/model/layers.ts';
import type { Layer } from '../../src/model/model.ts';

interface Pen {
  readonly x: string;
  readonly node: (...args: Parameters<GraphBuilder['node']>) => string;
  readonly floats: (...shape: number[]) => string;
  readonly integers: (...values: number[]) => string;
  readonly conv: (x: string, filters: readonly [number, number, number, number], stride?: number) => string;
}

/** A network on pictures [1, 3, 8, 8]; `draw` gives the value that its head averages, [1, channels] or [1, channels, ...]. */
function network(draw: (pen: Pen) => string): Graph {
  const b = new GraphBuilder();
  const node: Pen['node'] = (...args) => b.node(...args)[0]!;
  const floats = (...shape: number[]): string =>
    b.constant(constantOf('float32', shape, new Float32Array(sizeOf(shape)).fill(0.1)));
  const integers = (...values: number[]): string => b.constant(constantOf('int64', [values.length], values));
  const conv: Pen['conv'] = (x, filters, stride = 1) =>
    node('Conv', [x, floats(...filters)], { kernel_shape: ints(filters.slice(2)), strides: ints([stride, stride]) });
  const x = b.input('x', { dtype: 'float32', shape: [1, 3, 8, 8] });
  const value = draw({ x, node, floats, integers, conv });
  return inferTypes(b.finish([{ name: 'logits', value, type: { dtype: 'float32', shape: null } }]));
}

function picked(graph: Graph): Layer {
  return pickLayer(graph, listLayers(graph, 'x', 'logits', new Map()), 'logits', 'drawn').layer;
}

test('branches side by side: all of them, not the last', () => {
  const graph = network(({ x, node, floats, conv }) => {
    const branches = [conv(x, [4, 3, 1, 1]), node('Relu', [conv(x, [6, 3, 1, 1])])];
    const all = node('Concat', branches, { axis: int(1) });
    return node('Gemm', [node('Flatten', [node('GlobalAveragePool', [all])]), floats(10, 5)]);
  });
  expect(picked(graph)).toMatchObject({ op: 'Concat', shape: [8, 8, 10] });
});

/** A stage: tokens of a map [1, channels, side, side], and a block that projects their norm and adds it to them. */
function stage({ node, floats, integers }: Pen, map: string, channels: number, side: number): string {
  const flat = node('Reshape', [map, integers(1, channels, side * side)]);
  const tokens = node('Transpose', [flat], { perm: ints([0, 2, 1]) });
  const norm = node('LayerNormalization', [tokens, floats(channels), floats(channels)], { axis: int(-1) });
  const wide = node('Relu', [node('MatMul', [norm, floats(channels, 4 * channels)])]);
  return node('Add', [tokens, node('MatMul', [wide, floats(4 * channels, channels)])]);
}

test('stages of tokens: the last one, however wide the first was', () => {
  const graph = network((pen) => {
    const { node, floats, integers, conv, x } = pen;
    const first = stage(pen, conv(x, [8, 3, 2, 2], 2), 8, 4);
    const grid = node('Reshape', [node('Transpose', [first], { perm: ints([0, 2, 1]) }), integers(1, 8, 4, 4)]);
    const second = stage(pen, conv(grid, [16, 8, 2, 2], 2), 16, 2);
    return node('MatMul', [node('ReduceMean', [second, integers(1)], { keepdims: int(0) }), floats(16, 5)]);
  });
  expect(picked(graph)).toMatchObject({ op: 'Add', layout: 'tokens', shape: [2, 2, 16] });
});

test('maps of each patch are no maps of the picture', () => {
  const graph = network(({ x, node, floats, integers, conv }) => {
    const whole = conv(x, [4, 3, 1, 1]);
    const patches = conv(node('Reshape', [whole, integers(4, 4, 4, 4)]), [4, 4, 2, 2]);
    const pooled = node('ReduceMean', [node('Reshape', [patches, integers(1, 4, 36)]), integers(2)], {
      keepdims: int(0),
    });
    return node('MatMul', [pooled, floats(4, 5)]);
  });
  const layers = listLayers(graph, 'x', 'logits', new Map());
  expect(layers.map((layer) => layer.shape)).toEqual([[8, 8, 4]]);
});
