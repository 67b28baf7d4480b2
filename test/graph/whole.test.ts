// Channels filled up to whole blocks, and what a gate's gradient becomes: structure here, values in blocked-random.test.ts.
import { expect, test } from 'vitest';
import { float, int, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph, Node } from '../../src/graph/graph.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { gateGradients } from '../../src/graph/passes/blocked/gates.ts';
import { wholeBlocks } from '../../src/graph/passes/blocked/whole.ts';
import { constantOf, floatsOf, sizeOf } from '../../src/graph/tensor.ts';

const BLOCK = 16;
const UNKNOWN = { dtype: 'float32', shape: null } as const;

class Network {
  readonly b = new GraphBuilder();
  readonly x = this.b.input('x', { dtype: 'float32', shape: [2, 3, 8, 8] });

  known(...shape: number[]): string {
    return this.b.constant(constantOf('float32', shape, new Float32Array(sizeOf(shape)).fill(1)));
  }

  node(...args: Parameters<GraphBuilder['node']>): string {
    return this.b.node(...args)[0]!;
  }

  conv(x: string, after: number, before: number, size = 1, group = 1): string {
    const pad = size >> 1;
    return this.node('Conv', [x, this.known(after, before / group, size, size), this.known(after)], {
      kernel_shape: ints([size, size]),
      pads: ints([pad, pad, pad, pad]),
      group: int(group),
    });
  }

  finish(...outputs: readonly string[]): Graph {
    return inferTypes(this.b.finish(outputs.map((value, index) => ({ name: `y${index}`, value, type: UNKNOWN }))));
  }
}

function filtersOf(graph: Graph): readonly (readonly number[])[] {
  return graph.nodes.filter(({ op }) => op === 'Conv').map(({ inputs }) => graph.constants.get(inputs[1]!)!.shape);
}

test('24 channels become 32 from one convolution to the next, and what others read is the first 24 of them', () => {
  const n = new Network();
  const stem = n.node('Relu', [n.conv(n.x, 24, 3, 3)]);
  const depthwise = n.conv(stem, 24, 24, 3, 24);
  const sum = n.node('Add', [depthwise, stem]);
  const graph = n.finish(n.conv(sum, 40, 24), n.node('Exp', [sum]));
  const whole = wholeBlocks(graph, BLOCK);
  expect(filtersOf(whole)).toEqual([
    [32, 3, 3, 3],
    [32, 1, 3, 3],
    [48, 32, 1, 1],
  ]);
  expect(whole.nodes.filter(({ op }) => op === 'Conv').map(({ attributes }) => attributes.group)).toEqual([
    int(1),
    int(32),
    int(1),
  ]);
  const [read, given] = ['Add', 'Conv'].map((kind) => graph.nodes.findLast(({ op }) => op === kind)!.outputs[0]);
  expect(whole.nodes.filter(({ op }) => op === 'Slice').map(({ outputs }) => outputs[0])).toEqual([read, given]);
  // Zeros stand for the channels that are not there, in filters that give them and in those that read them.
  const [first, , last] = whole.nodes.filter(({ op }) => op === 'Conv') as [Node, Node, Node];
  const numbers = floatsOf(whole.constants.get(first.inputs[1]!)!);
  expect([...new Set(numbers.subarray(0, 24 * 27))]).toEqual([1]);
  expect([...new Set(numbers.subarray(24 * 27))]).toEqual([0]);
  expect([...floatsOf(whole.constants.get(last.inputs[1]!)!).subarray(22, 34)]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]); // prettier-ignore
  expect(floatsOf(whole.constants.get(first.inputs[2]!)!)).toHaveLength(32);
});

test('nothing is filled up where a quotient of zeros would come of it, or where maps would nearly double', () => {
  const n = new Network();
  const a = n.conv(n.x, 24, 3, 3);
  const quotient = n.node('Div', [n.node('Relu', [a]), n.node('Sigmoid', [a])]);
  const concatenated = n.node('Concat', [n.conv(n.x, 8, 3), n.conv(n.x, 8, 3)], { axis: int(1) });
  const graph = n.finish(n.conv(quotient, 16, 24), n.conv(concatenated, 16, 16));
  // The quotient reads the first channels of what was filled up before it; 8 channels are left alone.
  const whole = wholeBlocks(graph, BLOCK);
  expect(filtersOf(whole)).toEqual([
    [32, 3, 3, 3],
    [8, 3, 1, 1],
    [8, 3, 1, 1],
    [16, 24, 1, 1],
    [16, 16, 1, 1],
  ]);
  const even = new Network();
  const untouched = even.finish(even.conv(even.node('Relu', [even.conv(even.x, 32, 3)]), 16, 32));
  expect(wholeBlocks(untouched, BLOCK)).toBe(untouched);
});

/** A gate, and its gradient. */
function gate(): Graph {
  const n = new Network();
  const h = n.conv(n.x, 32, 3);
  const s = n.node('Sigmoid', [n.conv(n.node('GlobalAveragePool', [h]), 32, 32)]);
  const rest = n.node('HardSigmoid', [s], { alpha: float(-1), beta: float(1) });
  const gradient = n.conv(n.node('Mul', [h, s]), 32, 32, 3);
  const axes = n.b.constant(constantOf('int64', [2], [2, 3]));
  const sum = n.node('ReduceSum', [n.node('Mul', [gradient, h]), axes], { keepdims: int(1) });
  return n.finish(n.node('Mul', [sum, n.node('Mul', [s, rest])]));
}

test('the gradient of a gate sums up the gated map, and takes one product less', () => {
  const graph = gate();
  const written = gateGradients(graph, BLOCK);
  expect(written.nodes).toHaveLength(graph.nodes.length - 1);
  const made = (name: string): Node | undefined => written.nodes.find(({ outputs }) => outputs[0] === name);
  const sum = written.nodes.find(({ op }) => op === 'ReduceSum')!;
  const [, gated] = made(sum.inputs[0]!)!.inputs;
  expect(made(gated!)!.inputs.map((name) => made(name)!.op)).toEqual(['Conv', 'Sigmoid']);
  const reader = written.nodes.find(({ inputs }) => inputs.includes(sum.outputs[0]!))!;
  expect(made(reader.inputs[1]!)!.op).toBe('HardSigmoid');
});
