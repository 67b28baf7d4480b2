import { expect, test } from 'vitest';
import { readGraph } from '../../../src/model/tensorflow/graph-def.ts';
import { inlined } from '../../../src/model/tensorflow/inline.ts';
import { WireReader, WireWriter } from '../../../src/onnx/protobuf.ts';

// Fields of GraphDef, NodeDef, FunctionDef: tensorflow/core/framework/{graph,node_def,function}.proto

interface NodeFields {
  readonly name: string;
  readonly op: string;
  readonly inputs?: readonly string[];
  /** Name of the function that it calls. */
  readonly calls?: string;
}

function writeNode(writer: WireWriter, field: number, { name, op, inputs = [], calls }: NodeFields): void {
  writer.nested(field, () => {
    writer.string(1, name);
    writer.string(2, op);
    for (const input of inputs) writer.string(3, input);
    if (calls === undefined) return;
    writer.nested(5, () => {
      writer.string(1, 'f');
      writer.nested(2, () => writer.nested(10, () => writer.string(1, calls)));
    });
  });
}

/** A graph with one function `layer(x) -> model/relu:activations:0`. */
function graphOf(nodes: readonly NodeFields[]): WireReader {
  const writer = new WireWriter();
  for (const node of nodes) writeNode(writer, 1, node);
  writer.nested(2, () =>
    writer.nested(1, () => {
      writer.nested(1, () => {
        writer.string(1, 'layer');
        writer.nested(2, () => writer.string(1, 'x'));
        writer.nested(3, () => writer.string(1, 'y'));
      });
      writeNode(writer, 3, { name: 'model/relu', op: 'Relu', inputs: ['x'] });
      writer.nested(4, () => {
        writer.string(1, 'y');
        writer.string(2, 'model/relu:activations:0');
      });
    }),
  );
  return new WireReader(writer.finish());
}

const CALLED_THRICE: readonly NodeFields[] = [
  { name: 'image', op: 'Placeholder' },
  { name: 'StatefulPartitionedCall', op: 'StatefulPartitionedCall', inputs: ['image'], calls: 'layer' },
  {
    name: 'head/StatefulPartitionedCall_1',
    op: 'StatefulPartitionedCall',
    inputs: ['StatefulPartitionedCall', '^image'],
    calls: 'layer',
  },
  { name: 'PartitionedCall', op: 'PartitionedCall', inputs: ['head/StatefulPartitionedCall_1'], calls: 'layer' },
];

test.each([
  [
    'functions are laid flat, each call by itself',
    false,
    'StatefulPartitionedCall/model/relu',
    'head/StatefulPartitionedCall_1/model/relu',
  ],
  ['plain names leave calls out, unless two nodes would be called the same', true, 'model/relu', 'head/model/relu'],
])('%s', (_, plainly, first, second) => {
  const { nodes, values } = inlined(readGraph(graphOf(CALLED_THRICE)), ['PartitionedCall'], plainly);
  const third = 'PartitionedCall/model/relu';
  expect(nodes.map(({ name, inputs }) => [name, ...inputs])).toEqual([
    ['image'],
    [first, 'image'],
    [second, first],
    [third, second],
  ]);
  expect(values.get('PartitionedCall')).toBe(third);
});

test('a node without a name is told', () => {
  const writer = new WireWriter();
  writer.nested(1, () => writer.string(2, 'Relu'));
  expect(() => readGraph(new WireReader(writer.finish()))).toThrow('does not begin with its name');
});
