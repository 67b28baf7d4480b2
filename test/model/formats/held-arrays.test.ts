// Arrays of graph models that lie in one place and are wanted in different orders.
import { expect, it } from 'vitest';
import { constantOf, numbersOf } from '../../../src/graph/tensor.ts';
import { heldArrays } from '../../../src/model/tfjs/held-arrays.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { trace } from '../../../src/trace/tracer.ts';

it('an array that is a filter under one name and plain numbers under another stays as it lies for the other', () => {
  const values = [1, 2, 3, 4, 5, 6];
  const shared = constantOf('float32', [1, 1, 2, 3], Float32Array.from(values));
  const nodes = [
    { name: 'filter', op: 'Const', input: [], attr: {} },
    { name: 'numbers', op: 'Const', input: [], attr: {} },
    { name: 'y', op: 'Conv2D', input: ['x', 'filter'], attr: {} },
  ];
  const arrays = new Map([
    ['filter', shared],
    ['numbers', { ...shared }],
  ]);
  const held = heldArrays(nodes, arrays);
  const graph = trace((tracer) => {
    const { filter, numbers } = held(tracer);
    const x = tracer.input('x', { dtype: 'float32', shape: [1, 1, 2, 3] });
    return { y: tf.add(tf.mul(x, numbers!), tf.sum(filter!)) };
  });
  const six = [...graph.constants.values()].filter(({ shape }) => shape.reduce((a, b) => a * b, 1) === 6);
  expect(six.map((constant) => Array.from(numbersOf(constant)))).toContainEqual(values);
});
