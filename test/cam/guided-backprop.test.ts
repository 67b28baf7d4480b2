// Guided backpropagation by hand: what comes back through a ReLU is the gradient where both the value before it and the gradient
// are positive.
import { expect, test } from 'vitest';
import { string } from '../../src/graph/attributes.ts';
import type { Graph, Node } from '../../src/graph/graph.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { methods } from '../../src/cam/methods.ts';
import { guidedRectifiers } from '../../src/program/guided.ts';
import { replay } from '../../src/replay/replay.ts';
import { tf } from '../../src/tf/tfjs.ts';

const node = (op: string, inputs: string[], more: Partial<Node> = {}): Node => ({
  ...{ op, domain: '', name: 'y', inputs, outputs: ['y'], attributes: {} },
  ...more,
});

/** Values x of one row -> y, and the gradient of sum weights y. */
function through(one: Node, x: readonly number[], weights: readonly number[]): { y: number[]; gradient: number[] } {
  const graph: Graph = {
    ...{ inputs: [], outputs: [], nodes: [one], opset: 17, domains: { 'com.microsoft': 1 }, types: new Map() },
    constants: new Map([
      ['zero', constantOf('float32', [], [0])],
      ['one', constantOf('float32', [], [1])],
      ['six', constantOf('float32', [], [6])],
      ['filter', constantOf('float32', [1, 1, 1, 1], [2])],
    ]),
  };
  const instead = guidedRectifiers(graph, [one], 'model.onnx');
  const run = (value: tf.Tensor): tf.Tensor => replay(graph, [one], new Map([['x', value]]), ['y'], instead).get('y')!;
  const image = tf.tensor4d([...x], [1, 1, 1, x.length]);
  const gradient = tf.grad((value) => tf.sum(tf.mul(run(value), tf.tensor(weights, [1, 1, 1, x.length]))))(image);
  return { y: [...run(image).dataSync()], gradient: [...gradient.dataSync()] };
}

test('ReLU: x = (1, 2, -1, -2, 0), gradients (3, -1, 2, -4, 5): only the first is positive on both sides', () => {
  const { y, gradient } = through(node('Relu', ['x']), [1, 2, -1, -2, 0], [3, -1, 2, -4, 5]);
  expect(y).toEqual([1, 2, 0, 0, 0]);
  expect(gradient.map((value) => value + 0)).toEqual([3, 0, 0, 0, 0]);
});

test('ReLU6 is guided too, and lets nothing back above 6', () => {
  const { y, gradient } = through(node('Clip', ['x', 'zero', 'six']), [1, 2, -1, 7], [3, -1, 2, 4]);
  expect(y).toEqual([1, 2, 0, 6]);
  expect(gradient.map((value) => value + 0)).toEqual([3, 0, 0, 0]);
});

test('a ReLU fused into a convolution by 2: x = (1, 2, -1), what comes back is doubled', () => {
  const fused = { domain: 'com.microsoft', attributes: { activation: string('Relu') } };
  const { y, gradient } = through(node('FusedConv', ['x', 'filter'], fused), [1, 2, -1], [3, -1, 2]);
  expect(y).toEqual([2, 4, 0]);
  expect(gradient.map((value) => value + 0)).toEqual([6, 0, 0]);
});

test('other activations are not guided, and a network with no ReLU at all is refused', () => {
  for (const other of [node('Sigmoid', ['x']), node('Elu', ['x']), node('Clip', ['x', 'zero', 'one'])])
    expect(() => through(other, [1], [1])).toThrow('model.onnx has none');
});

test('its report carries the warning', () => {
  expect(methods['guided-backprop'].caveat).toMatch(/fails sanity checks.*1810\.03292/);
});
