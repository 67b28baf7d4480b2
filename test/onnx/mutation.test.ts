import { expect, test } from 'vitest';
import { float, ints, string, tensor } from '../../src/graph/attributes.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { GradcamError } from '../../src/lib/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { bodyAttribute, float32, floats, functionOf, graphOf, longs, node, noise, port } from './models.ts';

/** A model with something of everything: an old operator set, a body, a function, metadata, every kind of attribute. */
function everything(): Uint8Array {
  const body = graphOf({
    opset: 11,
    inputs: [],
    outputs: [port('z', float32(1, 4))],
    nodes: [node('Softmax', ['h'], ['z'])],
    constants: new Map([['k', longs(1, 2)]]),
  });
  const scaled = functionOf({
    name: 'Scaled',
    inputs: ['a'],
    outputs: ['b'],
    nodes: [{ ...node('Constant', [], ['k']), references: { value_float: 'factor' } }, node('Mul', ['a', 'k'], ['b'])],
    opset: 11,
  });
  return encodeModel(
    graphOf({
      opset: 11,
      domains: { local: 1 },
      inputs: [port('x', float32(null, 3, 6, 6)), port('c', { dtype: 'bool', shape: [] })],
      outputs: [port('y', float32(null, 4))],
      nodes: [
        {
          ...node('Conv', ['x', 'w', 'b'], ['f'], { pads: ints([1, 1, 1, 1]), auto_pad: string('NOTSET') }),
          scope: 'layer1.conv',
        },
        node('GlobalAveragePool', ['f'], ['p']),
        node('Constant', [], ['s'], { value: tensor(longs(-1, 4)) }),
        node('Reshape', ['p', 's'], ['r']),
        { ...node('Scaled', ['r'], ['h'], { factor: float(2) }), domain: 'local' },
        node('If', ['c'], ['i'], {
          then_branch: bodyAttribute('then_branch', body),
          else_branch: bodyAttribute('else_branch', body),
        }),
        node('Unsqueeze', ['i'], ['u'], { axes: ints([0]) }),
        node('ReduceMean', ['u'], ['y'], { axes: ints([0]), keepdims: { kind: 'int', value: 0 } }),
      ],
      constants: new Map([
        ['w', floats([4, 3, 3, 3], [...noise([108])])],
        ['b', floats([4], [1, 2, 3, 4])],
      ]),
      types: new Map([['f', float32(null, 4, 6, 6)]]),
      functions: [scaled],
    }),
  );
}

/** Numbers from 0 to 1, the same every time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Mutation = (bytes: Uint8Array, below: (limit: number) => number) => Uint8Array;
const mutations: readonly Mutation[] = [
  (bytes, below) => bytes.slice(0, below(bytes.length)),
  (bytes, below) => changedAt(bytes, below(bytes.length), (byte) => byte ^ (1 << below(8))),
  (bytes, below) => changedAt(bytes, below(bytes.length), () => 0xff),
  (bytes, below) => changedAt(bytes, below(bytes.length), () => below(256)),
  // A stretch again at another place, and a stretch left out: lengths no longer fit.
  (bytes, below) => {
    const [from, to] = [below(bytes.length), below(bytes.length)];
    return Uint8Array.of(...bytes.subarray(0, to), ...bytes.subarray(from, from + below(64)), ...bytes.subarray(to));
  },
  (bytes, below) => {
    const from = below(bytes.length);
    return Uint8Array.of(...bytes.subarray(0, from), ...bytes.subarray(from + 1 + below(16)));
  },
  // A varint of ten bytes: an absurd length, count or dimension.
  (bytes, below) => {
    const at = below(bytes.length);
    const absurd = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    return Uint8Array.of(...bytes.subarray(0, at), ...absurd, ...bytes.subarray(at + 1));
  },
];

function changedAt(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

/** Decodes, infers, encodes: what happens with a file that a user points at. */
function digest(bytes: Uint8Array): 'graph' | GradcamError {
  try {
    const { graph } = decodeModel(bytes, { folder: null, source: 'm.onnx' });
    encodeModel(inferTypes(graph, { x: [2, 3, 6, 6] }));
    return 'graph';
  } catch (error) {
    if (error instanceof GradcamError && error.exitCode === 1) return error;
    throw error;
  }
}

test('a damaged model is a graph or a GradcamError, and nothing takes long', () => {
  const model = everything();
  expect(digest(model)).toBe('graph');
  const random = randomOf(7);
  const below = (limit: number) => Math.floor(random() * limit);
  const counts = { graph: 0, error: 0 };
  const start = performance.now();
  for (let index = 0; index < 350; index++) {
    let bytes = model;
    const times = 1 + below(3);
    for (let time = 0; time < times; time++) bytes = (mutations[index % mutations.length] as Mutation)(bytes, below);
    counts[digest(bytes) === 'graph' ? 'graph' : 'error']++;
  }
  expect(performance.now() - start).toBeLessThan(10_000);
  // Both happen, or the mutations were too weak or too strong to say anything.
  expect(counts.graph).toBeGreaterThan(20);
  expect(counts.error).toBeGreaterThan(100);
});
