import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { createSession } from '../../src/engine/ort.ts';
import { encodeApart, encodeModel } from '../../src/onnx/encode.ts';
import { saveModel } from '../../src/onnx/save.ts';

const folder = await mkdtemp(join(tmpdir(), 'gradcam-encode-'));
afterAll(() => rm(folder, { recursive: true }));

/** y = LeakyRelu(x . w, alpha 0.5), then the last two columns: int, float and ints attributes, int64 constants beyond 2^53. */
const weights = Float32Array.from({ length: 4 * 300 }, (_, index) => (index % 7) - 3);
const int64 = (...values: bigint[]) => new Uint8Array(BigInt64Array.from(values).buffer);
const graph: Graph = {
  opset: 18,
  domains: {},
  inputs: [{ name: 'x', type: { dtype: 'float32', shape: [null, 4] } }],
  outputs: [{ name: 'y', type: { dtype: 'float32', shape: [null, 2] } }],
  nodes: [
    {
      op: 'Gemm',
      domain: '',
      name: 'dense',
      inputs: ['x', 'w'],
      outputs: ['h'],
      attributes: { transB: { kind: 'int', value: 1 } },
    },
    {
      op: 'LeakyRelu',
      domain: '',
      name: '',
      inputs: ['h'],
      outputs: ['a'],
      attributes: { alpha: { kind: 'float', value: 0.5 } },
    },
    { op: 'Slice', domain: '', name: '', inputs: ['a', 'starts', 'ends', 'axes'], outputs: ['y'], attributes: {} },
  ],
  constants: new Map([
    ['w', { dtype: 'float32', shape: [300, 4], bytes: new Uint8Array(weights.buffer) }],
    ['starts', { dtype: 'int64', shape: [1], bytes: int64(-2n) }],
    ['ends', { dtype: 'int64', shape: [1], bytes: int64(2n ** 63n - 1n) }],
    ['axes', { dtype: 'int64', shape: [1], bytes: int64(1n) }],
  ]),
  types: new Map([['h', { dtype: 'float32', shape: [null, 300] }]]),
};

const x = Float32Array.of(1, -2, 3, 4);
const expected = [298, 299].map((row) => {
  const sum = x.reduce((total, value, column) => total + value * (weights[row * 4 + column] ?? NaN), 0);
  return sum < 0 ? sum / 2 : sum;
});

async function run(session: ort.InferenceSession) {
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [1, 4]) });
  await session.release();
  return [...((y?.data ?? []) as Float32Array)];
}

test('ONNX Runtime runs an encoded graph', async () => {
  expect(await run(await ort.InferenceSession.create(encodeModel(graph)))).toEqual(expected);
});

test('ONNX Runtime takes weights from where they lie, at any offset, and keeps nothing of that memory', async () => {
  const memory = new Uint8Array(16 + weights.byteLength);
  const bytes = memory.subarray(16);
  bytes.set(new Uint8Array(weights.buffer));
  const constants = new Map([...graph.constants, ['w', { dtype: 'float32', shape: [300, 4], bytes }] as const]);
  const apart = encodeApart({ ...graph, constants });
  expect(apart.model.length).toBeLessThan(1000);
  expect(apart.files.map(({ data }) => data.buffer)).toEqual([memory.buffer]);
  const session = await createSession(ort, apart, {});
  memory.fill(255);
  expect(await run(session)).toEqual(expected);
});

test('for a runtime in another thread only what threads share lies apart', async () => {
  expect(encodeApart(graph, { onlyShared: true }).files).toEqual([]);
  const bytes = new Uint8Array(new SharedArrayBuffer(weights.byteLength));
  bytes.set(new Uint8Array(weights.buffer));
  const constants = new Map([...graph.constants, ['w', { dtype: 'float32', shape: [300, 4], bytes }] as const]);
  const apart = encodeApart({ ...graph, constants }, { onlyShared: true });
  expect(apart.files.map(({ data }) => data.buffer)).toEqual([bytes.buffer]);
  expect(await run(await createSession(ort, apart, {}))).toEqual(expected);
});

test('a saved model is one file below the limit, two above it, and no temporary is left', async () => {
  const small = join(folder, 'small.onnx');
  await saveModel(graph, small);
  expect(await run(await ort.InferenceSession.create(small))).toEqual(expected);
  expect(await readdir(folder)).toEqual(['small.onnx']);

  const large = join(folder, 'large.onnx');
  await saveModel(graph, large, { limit: 2000 });
  expect((await stat(large)).size).toBeLessThan(2000);
  expect(await run(await ort.InferenceSession.create(large))).toEqual(expected);
  expect((await readdir(folder)).sort()).toEqual(['large.onnx', 'large.onnx.data', 'small.onnx']);
});

test('long texts after large constants leave these in their place', async () => {
  const metadata = { 'gradcam.input': 'x'.repeat(200) };
  expect(await run(await ort.InferenceSession.create(encodeModel(graph, { metadata })))).toEqual(expected);
  const file = join(folder, 'told.onnx');
  await saveModel(graph, file, { metadata });
  expect(await run(await ort.InferenceSession.create(file))).toEqual(expected);
});

test('missing folders are made; a path that cannot be one is named', async () => {
  const file = join(folder, 'new', 'm.onnx');
  await saveModel(graph, file);
  expect((await stat(file)).size).toBeGreaterThan(0);
  await expect(saveModel(graph, join(file, 'm.onnx'))).rejects.toThrow(/m\.onnx/);
});
