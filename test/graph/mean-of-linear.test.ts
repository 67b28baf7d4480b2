// The rewritten graph is compared with the one it came from, in ONNX Runtime.
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { int, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { meanOfLinear } from '../../src/graph/passes/mean-of-linear.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { largestDifference } from '../arrays.ts';

const waves = (size: number, step: number): number[] =>
  Array.from({ length: size }, (_, index) => Math.sin(index * step));

/** mean( conv1x1(a) + strided 1x1 transposed convolution(b) + a ), as the gradient at the start of a ResNet stage has it. */
function stage(readTwice: boolean): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', { dtype: 'float32', shape: [2, 3, 5, 4] });
  const y = b.input('y', { dtype: 'float32', shape: [2, 2, 3, 2] });
  const w = b.constant(constantOf('float32', [3, 3, 1, 1], waves(9, 0.7)));
  const v = b.constant(constantOf('float32', [2, 3, 1, 1], waves(6, 1.3)));
  const axes = b.constant(constantOf('int64', [2], [2, 3]));
  const [conv] = b.node('Conv', [x, w], { kernel_shape: ints([1, 1]) });
  const [spread] = b.node('ConvTranspose', [y, v], {
    kernel_shape: ints([1, 1]),
    strides: ints([2, 2]),
    output_padding: ints([0, 1]),
  });
  const [sum] = b.node('Add', [conv!, spread!]);
  const [all] = b.node('Add', [sum!, x]);
  const [mean] = b.node('ReduceMean', [all!, axes], { keepdims: int(1) });
  const outputs = [{ name: mean!, type: { dtype: 'float32', shape: [2, 3, 1, 1] } } as const];
  const also = { name: all!, type: { dtype: 'float32', shape: [2, 3, 5, 4] } } as const;
  return inferTypes(b.finish(readTwice ? [...outputs, also] : outputs));
}

async function run(graph: Graph): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(encodeModel(graph));
  const feeds = {
    x: new ort.Tensor(Float32Array.from(waves(120, 0.31)), [2, 3, 5, 4]),
    y: new ort.Tensor(Float32Array.from(waves(24, 0.83)), [2, 2, 3, 2]),
  };
  const results = await session.run(feeds);
  await session.release();
  return results[graph.outputs[0]!.name]!.data as Float32Array;
}

test('the mean moves in front of everything linear, and the numbers stay', async () => {
  const before = stage(false);
  const after = meanOfLinear(before);
  expect(largestDifference(await run(after), await run(before))).toBeLessThan(1e-6);
  const shapes = inferTypes(after).types;
  for (const node of after.nodes.filter((one) => one.op !== 'ReduceMean'))
    expect(shapes.get(node.outputs[0]!)?.shape?.slice(2)).toEqual([1, 1]);
});

test('what something else reads stays as it is', () => {
  const graph = stage(true);
  expect(meanOfLinear(graph).nodes.map((node) => node.op)).toEqual(graph.nodes.map((node) => node.op));
});
