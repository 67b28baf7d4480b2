// Folding is worked by hand on a convolution of one channel in and two out.
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { float, ints } from '../../src/graph/attributes.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { foldAffine } from '../../src/graph/passes/fold-affine.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { encodeModel } from '../../src/onnx/encode.ts';

type Follow = (
  b: GraphBuilder,
  convolution: string,
  numbers: (values: number[], ...shape: number[]) => string,
) => string;

/** x = 10 in one place, filters 2 and 3, biases 1 and -1, so 21 and 29; then what `follow` adds. */
function convolution(follow: Follow): Graph {
  const b = new GraphBuilder();
  const numbers = (values: number[], ...shape: number[]): string => b.constant(constantOf('float32', shape, values));
  const x = b.input('x', { dtype: 'float32', shape: [1, 1, 1, 1] });
  const inputs = [x, numbers([2, 3], 2, 1, 1, 1), numbers([1, -1], 2)];
  const [y] = b.node('Conv', inputs, { kernel_shape: ints([1, 1]) });
  const type = { dtype: 'float32', shape: null } as const;
  return b.finish([{ name: 'y', value: follow(b, y!, numbers), type }]);
}

async function run(graph: Graph): Promise<number[]> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(10), [1, 1, 1, 1]) });
  await session.release();
  return [...(y!.data as Float32Array)];
}

const cases: [string, Follow, number[]][] = [
  ['an offset by channel', (b, y, of) => b.node('Add', [y, of([5, 7], 2, 1, 1)])[0]!, [26, 36]],
  [
    'a factor before it',
    (b, y, of) => b.node('Add', [b.node('Mul', [of([2, -1], 1, 2, 1, 1), y])[0]!, of([1, 1], 2, 1, 1)])[0]!,
    [43, -28],
  ],
  ['one number for all', (b, y, of) => b.node('Mul', [y, of([2])])[0]!, [42, 58]],
  [
    // (21 - 1) / sqrt(3 + 1) * 4 + 2 and (29 - 9) / sqrt(99 + 1) * 0.5 + 0.
    'a normalisation',
    (b, y, of) =>
      b.node('BatchNormalization', [y, of([4, 0.5], 2), of([2, 0], 2), of([1, 9], 2), of([3, 99], 2)], {
        epsilon: float(1),
      })[0]!,
    [42, 1],
  ],
];

test.each(cases)('%s goes into the filter and the bias', async (_, follow, expected) => {
  const before = convolution(follow);
  const after = foldAffine(before);
  // What is left reads constants only, or is the name of the output.
  expect(after.nodes.filter((node) => node.op === 'Add' || node.op === 'BatchNormalization')).toEqual([]);
  expect(after.nodes.filter((node) => node.op === 'Mul').flatMap((node) => node.inputs)).toSatisfy((names: string[]) =>
    names.every((name) => after.constants.has(name)),
  );
  expect(await run(before)).toEqual(expected);
  expect(await run(after)).toEqual(expected);
});

test('what reads a convolution that others read too, or is not known beforehand, stays', () => {
  const read = convolution((b, y, of) => b.node('Mul', [b.node('Add', [y, of([5, 7], 2, 1, 1)])[0]!, y])[0]!);
  expect(foldAffine(read)).toBe(read);
  const computed = convolution((b, y) => b.node('Add', [y, b.input('z', { dtype: 'float32', shape: [2, 1, 1] })])[0]!);
  expect(foldAffine(computed)).toBe(computed);
  const places = convolution((b, y, of) => b.node('Add', [y, of([1, 2], 1, 2)])[0]!);
  expect(foldAffine(places)).toBe(places);
});
