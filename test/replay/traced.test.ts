import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { replay } from '../../src/replay/replay.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { trace } from '../../src/trace/tracer.ts';
import { feedsOf, graphOf, type OperatorCase } from './case.ts';
import { families } from './cases.ts';
import { gradients, runOrt, runReplay, weightsFor, type Result } from './run.ts';

/** The case as the tracer records it: all outputs, and with `withGradient` the gradient by each fed float as `d/<input>`. */
function traced(example: OperatorCase): Graph {
  const graph = graphOf(example);
  const outputs = graph.outputs.map((port) => port.name);
  const moving = example.gradient ? graph.inputs.filter((port) => port.type.dtype === 'float32') : [];
  return trace((tracer) => {
    const inputs = new Map(
      graph.inputs.map(({ name, type }) => [
        name,
        tracer.input(name, { dtype: type.dtype, shape: type.shape as number[] }),
      ]),
    );
    const results = Object.fromEntries(replay(graph, graph.nodes, inputs, outputs));
    if (moving.length === 0) return results;
    const score = (...xs: tf.Tensor[]): tf.Tensor => {
      const feeds = new Map([...inputs, ...moving.map(({ name }, index) => [name, xs[index]!] as const)]);
      const y = replay(graph, graph.nodes, feeds, [outputs[0]!]).get(outputs[0]!)!;
      return tf.sum(tf.mul(y, tf.tensor(weightsFor(y.shape), y.shape)));
    };
    const found = tf.grads(score)(moving.map(({ name }) => inputs.get(name)!));
    return { ...results, ...Object.fromEntries(moving.map(({ name }, index) => [`d/${name}`, found[index]!])) };
  });
}

function expectClose(found: Result | undefined, expected: Result, name: string): void {
  expect(found?.shape, `shape of ${name}`).toEqual(expected.shape);
  expected.values.forEach((value, index) => {
    const actual = found!.values[index]!;
    if (Number.isNaN(value)) expect(actual).toBeNaN();
    else if (actual !== value)
      expect(
        Math.abs(actual - value) / (1 + Math.abs(value)),
        `${name}[${index}] = ${actual}, not ${value}`,
      ).toBeLessThan(2e-5);
  });
}

describe.each(Object.entries(families))('%s', (_, cases) => {
  test.each(cases.map((example) => [example.op, example.title, example] as const))(
    '%s: %s, recorded and run by ONNX Runtime, equals eager',
    async (_op, _title, example) => {
      await tf.setBackend('cpu');
      const graph = graphOf(example);
      const feeds = feedsOf(example);
      const found = await runOrt(traced(example), feeds);
      for (const [name, expected] of runReplay(graph, feeds)) expectClose(found.get(name), expected, name);
      if (!example.gradient) return;
      for (const [name, expected] of gradients(graph, feeds))
        expectClose(found.get(`d/${name}`), expected, `d/${name}`);
    },
  );
});
