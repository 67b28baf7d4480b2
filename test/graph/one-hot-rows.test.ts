// Products with one-hot rows, as the tracer writes them, are compared with rows taken out of the weights.
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { int } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { oneHotRows } from '../../src/graph/passes/one-hot-rows.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';

/** Weights of 3 classes and 2 features, by class or by feature, times the one-hot rows of `classes`. */
function product(byFeature: boolean, first = 0): Graph {
  const b = new GraphBuilder();
  const classes = b.input('classes', { dtype: 'int32', shape: [2] });
  const [column] = b.node('Reshape', [classes, b.constant(constantOf('int64', [2], [2, 1]))]);
  const [equal] = b.node('Equal', [column!, b.constant(constantOf('int32', [3], [first, 1, 2]))]);
  const [row] = b.node('Cast', [equal!], { to: int(1) });
  const weights = byFeature
    ? b.constant(constantOf('float32', [2, 3], [1, 2, 3, 10, 20, 30]))
    : b.constant(constantOf('float32', [3, 2], [1, 10, 2, 20, 3, 30]));
  const [y] = byFeature ? b.node('Gemm', [row!, weights], { transB: int(1) }) : b.node('MatMul', [row!, weights]);
  return b.finish([{ name: 'y', value: y!, type: { dtype: 'float32', shape: [2, 2] } }]);
}

async function run(graph: Graph): Promise<number[]> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const { y } = await session.run({ classes: new ort.Tensor('int32', Int32Array.of(2, 0), [2]) });
  await session.release();
  return [...(y!.data as Float32Array)];
}

test.each([false, true])('rows or columns are taken, not multiplied (by feature: %s)', async (byFeature) => {
  const before = product(byFeature);
  const after = oneHotRows(before);
  expect(after.nodes.map((node) => node.op)).toContain('Gather');
  expect(after.nodes.map((node) => node.op)).not.toContain('Equal');
  expect(await run(before)).toEqual([3, 30, 1, 10]);
  expect(await run(after)).toEqual([3, 30, 1, 10]);
});

test('what is not one-hot of the numbers from 0 on stays a product', () => {
  const graph = product(false, 1);
  expect(oneHotRows(graph)).toBe(graph);
});
