import { describe, expect, test } from 'vitest';
import { gainsByPacking } from '../../src/engine/packing.ts';
import type { Attribute, Graph, Node, TensorType } from '../../src/graph/graph.ts';

/** 4 MB of float32. */
const [INPUTS, OUTPUTS] = [1024, 1024];

describe('weights are packed where it pays', () => {
  test('not for the last layer of a network, whose rows are pictures', () => {
    expect(gainsByPacking(product('Gemm', [8, INPUTS]), 100)).toBe(false);
    expect(gainsByPacking(product('MatMul', [1, INPUTS]), 100)).toBe(false);
  });

  test('for the rows of a transformer, and where they are not known', () => {
    expect(gainsByPacking(product('MatMul', [1, 197, INPUTS]), 100)).toBe(true);
    expect(gainsByPacking(product('MatMul', [null, INPUTS]), 100)).toBe(true);
    expect(gainsByPacking(product('MatMul', null), 100)).toBe(true);
  });

  test('not for a handful of pictures, whatever the rows', () => {
    expect(gainsByPacking(product('MatMul', [1, 197, INPUTS]), 1)).toBe(false);
    expect(gainsByPacking(product('MatMul', [1, 197, INPUTS]), 17)).toBe(true);
  });

  test('the rows of a turned factor are its columns', () => {
    const transA: Attribute = { kind: 'int', value: 1 };
    expect(gainsByPacking(product('Gemm', [INPUTS, 64], { transA }), 100)).toBe(true);
    expect(gainsByPacking(product('Gemm', [INPUTS, 4], { transA }), 100)).toBe(false);
  });

  test('always for pictures without end', () => {
    expect(gainsByPacking(product('Gemm', [8, INPUTS]))).toBe(true);
    expect(gainsByPacking(product('Gemm', [8, INPUTS]), 10_000)).toBe(true);
  });

  test('beside others that are packed, and for weights too small to matter', () => {
    const graph = product('Gemm', [8, INPUTS]);
    const other: Node = { ...graph.nodes[0]!, op: 'ConvTranspose', outputs: ['other'] };
    expect(gainsByPacking({ ...graph, nodes: [...graph.nodes, other] }, 100)).toBe(true);
    const few = { dtype: 'float32', shape: [INPUTS, 7], bytes: new Uint8Array(4 * INPUTS * 7) } as const;
    expect(gainsByPacking({ ...graph, constants: new Map([['w', few]]) }, 100)).toBe(true);
  });

  test('types that the graph does not have are inferred', () => {
    const graph = product('Gemm', [2, INPUTS]);
    const relu: Node = { ...graph.nodes[0]!, op: 'Relu', inputs: ['x'], outputs: ['active'] };
    const gemm: Node = { ...graph.nodes[0]!, inputs: ['active', 'w'] };
    expect(gainsByPacking({ ...graph, nodes: [relu, gemm] }, 100)).toBe(false);
  });
});

function product(op: string, shape: TensorType['shape'], attributes: Node['attributes'] = {}): Graph {
  const weights = { dtype: 'float32', shape: [INPUTS, OUTPUTS], bytes: new Uint8Array(4 * INPUTS * OUTPUTS) } as const;
  return {
    opset: 18,
    domains: {},
    inputs: [{ name: 'x', type: { dtype: 'float32', shape } }],
    outputs: [{ name: 'y', type: { dtype: 'float32', shape: null } }],
    nodes: [{ op, domain: '', name: '', inputs: ['x', 'w'], outputs: ['y'], attributes }],
    constants: new Map([['w', weights]]),
    types: new Map(),
  };
}
