import { expect, test } from 'vitest';
import { int, ints } from '../../src/graph/attributes.ts';
import { checkGraph } from '../../src/graph/check.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { constantOf } from '../../src/graph/tensor.ts';
import { float32, floats, graphOf, node, port } from '../onnx/models.ts';

const graph: Graph = graphOf({
  inputs: [port('x', float32(2, 3, 8, 8))],
  outputs: [port('y', float32(2, 4))],
  nodes: [
    { ...node('Conv', ['x', 'w', ''], ['c'], { pads: ints([1, 1, 1, 1]) }), name: 'conv' },
    { ...node('GlobalAveragePool', ['c'], ['p']), name: 'pool' },
    node('Flatten', ['p'], ['y']),
  ],
  constants: new Map([['w', constantOf('float32', [4, 3, 3, 3], new Float32Array(108))]]),
  types: new Map([['c', float32(2, 4, 8, 8)]]),
});
const withNodes = (...nodes: Graph['nodes']): Graph => ({ ...graph, nodes });
const [conv, pool, flatten] = graph.nodes as [Graph['nodes'][0], Graph['nodes'][0], Graph['nodes'][0]];

test('a sound graph passes, unknown operators included', () => {
  checkGraph(graph);
  checkGraph(withNodes(conv, { ...node('Odd', ['c'], ['p']), domain: 'elsewhere' }, flatten));
});

const broken: readonly (readonly [what: string, graph: Graph, message: RegExp])[] = [
  ['a value read before it is produced', withNodes(pool, conv, flatten), /pool'[\s\S]*'c' is read before/],
  ['a value produced twice', withNodes(conv, pool, node('Relu', ['c'], ['p']), flatten), /'p' is produced twice/],
  [
    'an output that hides an input',
    withNodes(node('Relu', ['w'], ['x']), conv, pool, flatten),
    /'x' is produced twice/,
  ],
  ['an output that nothing produces', withNodes(conv, pool), /output 'y'[\s\S]*nothing produces it/],
  ['a name used twice', withNodes(conv, { ...pool, name: 'conv' }, flatten), /the same name/],
  ['a missing operator', withNodes({ ...conv, op: '' }, pool, flatten), /no operator/],
  ['too few inputs', withNodes({ ...conv, inputs: ['x', ''] }, pool, flatten), /1 of the 2 required/],
  ['too many inputs', withNodes(conv, { ...pool, inputs: ['c', 'c'] }, flatten), /2 inputs/],
  ['too many outputs', withNodes(conv, { ...pool, outputs: ['p', 'q'] }, flatten), /2 outputs/],
  ['a capture that is not there', withNodes({ ...conv, captures: ['z'] }, pool, flatten), /'z' is read before/],
  [
    'shapes that do not fit',
    withNodes(conv, pool, node('Add', ['c', 'x'], ['z']), flatten),
    /Add 'z'[\s\S]*\[2, 4, 8, 8\] and \[2, 3, 8, 8\] do not broadcast/,
  ],
  [
    'channels that do not fit',
    { ...graph, constants: new Map([['w', constantOf('float32', [4, 2, 3, 3], new Float32Array(72))]]) },
    /channels of input and filters: 3 and 2/,
  ],
  [
    'element types that differ',
    withNodes(conv, pool, node('Cast', ['c'], ['i'], { to: int(7) }), node('Add', ['c', 'i'], ['z']), flatten),
    /operands of types float32 and int64/,
  ],
  [
    'a constant of the wrong size',
    { ...graph, constants: new Map([['w', { ...floats([1], [1]), shape: [4, 3, 3, 3] }]]) },
    /constant 'w'[\s\S]*4 bytes of float32 for shape \[4, 3, 3, 3\]/,
  ],
  [
    'a recorded type that does not follow',
    { ...graph, types: new Map([['c', float32(2, 5, 8, 8)]]) },
    /\[2, 5, 8, 8\] is recorded/,
  ],
  ['an output of another rank', { ...graph, outputs: [port('y', float32(2, 4, 1))] }, /\[2, 4, 1\] is recorded/],
];

test.each(broken)('%s is found', (_, defective, message) => {
  expect(() => checkGraph(defective)).toThrow(message);
  expect(() => checkGraph(defective)).toThrow(expect.objectContaining({ code: 'graph-defect', exitCode: 2 }) as Error);
});
