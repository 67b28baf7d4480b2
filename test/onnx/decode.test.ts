import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { float, floats as floatsAttribute, int, ints, string, tensor } from '../../src/graph/attributes.ts';
import { changed } from '../../src/graph/changed.ts';
import type { Graph, Node } from '../../src/graph/graph.ts';
import { constantOf, numbersOf } from '../../src/graph/tensor.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { WireReader, WireWriter } from '../../src/onnx/protobuf.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, MODEL, NODE, STRING_ENTRY, TENSOR } from '../../src/onnx/schema.ts';
import { bodyAttribute, float32, floats, functionOf, graphOf, longs, node, noise, port, run } from './models.ts';

const decode = (bytes: Uint8Array) => decodeModel(bytes, { folder: null, source: 'm.onnx' });
const withoutBytes = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((each) => changed(each, {})),
});

/** Fields of a GraphProto put in front of those of an encoded model's graph. */
function withGraphFields(graph: Graph, add: (writer: WireWriter) => void): Uint8Array {
  const model = new WireWriter();
  const reader = new WireReader(encodeModel(graph));
  while (reader.next()) {
    if (reader.field !== MODEL.graph) {
      model.append(reader.whole());
      continue;
    }
    const message = new WireWriter();
    add(message);
    message.append(reader.bytes());
    model.message(MODEL.graph, message);
  }
  return model.finish();
}

const relu = graphOf({
  inputs: [port('x', float32(null, 2))],
  outputs: [port('y', float32(null, 2))],
  nodes: [node('Relu', ['x'], ['y'])],
});

describe('a graph encoded and decoded', () => {
  const graph = graphOf({
    opset: 20,
    domains: { 'com.microsoft': 1 },
    inputs: [port('x', float32(null, 3, 8, 8)), port('n', { dtype: 'int64', shape: [] })],
    outputs: [port('y', float32(null, 4)), port('m', { dtype: 'bool', shape: null })],
    nodes: [
      {
        ...node('Conv', ['x', 'w', ''], ['c'], {
          pads: ints([1, 1, 1, 1]),
          auto_pad: string('NOTSET'),
          group: int(-1),
        }),
        name: '/layer1/conv/Conv',
        scope: 'layer1.conv',
      },
      { ...node('Gelu', ['c'], ['g'], { alpha: float(0.5) }), domain: 'com.microsoft', scope: 'layer1.act' },
      node('Anything', ['g', 'h'], ['y', '', 'm'], {
        none: ints([]),
        some: floatsAttribute([0.5, -2]),
        words: { kind: 'strings', value: ['a', 'ü'] },
        table: tensor(constantOf('float16', [2], [1, 2])),
      }),
    ],
    constants: new Map([
      ['w', floats([4, 3, 3, 3], [...noise([108])])],
      ['h', constantOf('int64', [2], [2 ** 63, -1])],
    ]),
    types: new Map([['c', float32(null, 4, 8, 8)]]),
  });

  test('is the same graph', () => {
    const decoded = decode(encodeModel(graph));
    expect(withoutBytes(decoded.graph)).toEqual(graph);
    expect(decoded).toMatchObject({ producer: 'gradcam', opset: 20, externalFiles: [], metadata: {} });
  });

  test('is the same, bytes for bytes, when its nodes are written back verbatim', () => {
    const bytes = encodeModel(graph);
    expect(encodeModel(decode(bytes).graph)).toEqual(bytes);
  });

  test('has constants that share the memory of the file', () => {
    const bytes = encodeModel(graph);
    expect(decode(bytes).graph.constants.get('w')?.bytes.buffer).toBe(bytes.buffer);
  });
});

describe('parts that a graph has in another form', () => {
  test('Constant nodes become constants, those of outputs excepted', () => {
    const { graph } = decode(
      encodeModel(
        graphOf({
          inputs: [port('x', float32(2))],
          outputs: [port('y', float32(2)), port('k', float32())],
          nodes: [
            node('Constant', [], ['a'], { value: tensor(floats([2], [1, 2])) }),
            node('Constant', [], ['b'], { value_float: float(3) }),
            node('Constant', [], ['c'], { value_ints: ints([4, -5]) }),
            node('Constant', [], ['k'], { value_float: float(6) }),
            node('Sum', ['x', 'a', 'b'], ['y']),
            node('Identity', ['c'], ['unused']),
          ],
        }),
      ),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Constant', 'Sum', 'Identity']);
    expect([...graph.constants.keys()]).toEqual(['a', 'b', 'c']);
    expect(graph.constants.get('b')).toEqual(constantOf('float32', [], [3]));
    expect(graph.constants.get('c')).toEqual(longs(4, -5));
  });

  test('typed data fields become bytes', () => {
    const write = (name: string, code: number, add: (tensor: WireWriter) => void) => (graph: WireWriter) => {
      const message = new WireWriter();
      message.integer(TENSOR.dims, 2);
      message.integer(TENSOR.dataType, code);
      message.string(TENSOR.name, name);
      add(message);
      graph.message(GRAPH.initializer, message);
    };
    const both = (field: number, values: readonly (number | bigint)[]) => (message: WireWriter) => {
      for (const value of values) message.integer(field, value);
    };
    const cases: [string, number, (tensor: WireWriter) => void, number[]][] = [
      ['f', 1, (message) => [0.5, -1].forEach((value) => message.float32(TENSOR.floatData, value)), [0.5, -1]],
      [
        'd',
        11,
        (message) => message.bytes(TENSOR.doubleData, new Uint8Array(Float64Array.of(0.1, 2).buffer)),
        [0.1, 2],
      ],
      ['i', 6, both(TENSOR.int32Data, [-1, 7]), [-1, 7]],
      ['l', 7, both(TENSOR.int64Data, [-1n, 2n ** 60n]), [-1, 2 ** 60]],
      ['u', 12, both(TENSOR.uint64Data, [1, 2 ** 32 - 1]), [1, 2 ** 32 - 1]],
      ['b', 9, both(TENSOR.int32Data, [0, 1]), [0, 1]],
      ['h', 10, both(TENSOR.int32Data, [0x3c00, 0xc000]), [1, -2]],
      ['c', 3, both(TENSOR.int32Data, [-3, 3]), [-3, 3]],
    ];
    const bytes = withGraphFields(relu, (graph) => {
      for (const [name, code, add] of cases) write(name, code, add)(graph);
    });
    const { constants } = decode(bytes).graph;
    for (const [name, , , expected] of cases) {
      const constant = constants.get(name);
      expect(constant && [...numbersOf(constant)], name).toEqual(expected);
    }
  });

  test('packed floats, and a shape that does not fit its data', () => {
    const add = (dim: number) => (graph: WireWriter) => {
      const message = new WireWriter();
      message.integer(TENSOR.dims, dim);
      message.integer(TENSOR.dataType, 1);
      message.string(TENSOR.name, 'w');
      message.bytes(TENSOR.floatData, new Uint8Array(Float32Array.of(1, 2, 3).buffer));
      graph.message(GRAPH.initializer, message);
    };
    expect(decode(withGraphFields(relu, add(3))).graph.constants.get('w')?.bytes.length).toBe(12);
    expect(() => decode(withGraphFields(relu, add(4)))).toThrow(/tensor 'w' of shape \[4\] has 12 bytes, expected 16/);
    expect(() => decode(withGraphFields(relu, add(2 ** 60)))).toThrow(/tensor 'w' has shape/);
  });

  test('an initialiser that is listed as an input is a constant', () => {
    const graph = graphOf({
      inputs: [port('x', float32(2)), port('w', float32(2))],
      outputs: [port('y', float32(2))],
      nodes: [node('Mul', ['x', 'w'], ['y'])],
      constants: new Map([['w', floats([2], [3, 4])]]),
    });
    const decoded = decode(encodeModel(graph)).graph;
    expect(decoded.inputs.map(({ name }) => name)).toEqual(['x']);
    expect([...decoded.constants.keys()]).toEqual(['w']);
  });

  test('a string initialiser stays a Constant node that ONNX Runtime takes back', async () => {
    const words = (graph: WireWriter) => {
      const message = new WireWriter();
      message.integer(TENSOR.dims, 1);
      message.integer(TENSOR.dataType, 8);
      message.bytes(TENSOR.stringData, new TextEncoder().encode('cat'));
      message.string(TENSOR.name, 'words');
      graph.message(GRAPH.initializer, message);
    };
    const { graph } = decode(withGraphFields(relu, words));
    expect(graph.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([
      ['Constant', 'words'],
      ['Relu', 'y'],
    ]);
    const { y } = await run(encodeModel(graph), { x: { dtype: 'float32', shape: [1, 2], values: [-1, 2] } });
    expect(y?.values).toEqual([0, 2]);
  });

  test('nodes out of order are sorted, and what is missing is named', () => {
    const nodes = [node('Exp', ['a'], ['y']), node('Relu', ['x'], ['a'])];
    const shuffled = graphOf({ ...relu, nodes });
    expect(decode(encodeModel(shuffled)).graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Exp']);
    const cases: [Node[], RegExp][] = [
      [[node('Exp', ['nope'], ['y'])], /Exp '' reads 'nope', which nothing produces/],
      [[node('Exp', ['x'], ['z'])], /output 'y' is produced by no node/],
      [[node('Exp', ['x'], ['y']), node('Exp', ['x'], ['y'])], /'y' is produced twice/],
      [[node('Add', ['x', 'b'], ['a']), node('Exp', ['a'], ['b']), node('Exp', ['b'], ['y'])], /depends on itself/],
    ];
    for (const [broken, message] of cases) {
      expect(() => decode(encodeModel(graphOf({ ...relu, nodes: broken })))).toThrow(message);
    }
  });

  test('node names are unique', () => {
    const nodes = ['a', 'b', 'y'].map((output, index) => ({
      ...node('Relu', [['x', 'a', 'b'][index] ?? ''], [output]),
      name: 'act',
    }));
    const names = decode(encodeModel(graphOf({ ...relu, nodes }))).graph.nodes.map(({ name }) => name);
    expect(names).toEqual(['act', 'act#2', 'act#3']);
  });

  test('metadata of the model, and an opset under both names of the domain', () => {
    const writer = new WireWriter();
    writer.append(encodeModel({ ...relu, opset: 17, domains: { 'ai.onnx': 21 } }));
    const entry = new WireWriter();
    entry.string(STRING_ENTRY.key, 'classes');
    entry.string(STRING_ENTRY.value, '["cat"]');
    writer.message(MODEL.metadata, entry);
    const decoded = decode(writer.finish());
    expect(decoded.metadata).toEqual({ classes: '["cat"]' });
    expect(decoded.opset).toBe(21);
    expect(decoded.graph.domains).toEqual({});
  });
});

describe('where a node comes from', () => {
  const origin = (part: Partial<Node>, metadata: Readonly<Record<string, string>> = {}): string | undefined => {
    const writer = new WireWriter();
    const message = new WireWriter();
    for (const name of part.inputs ?? ['x']) message.string(NODE.input, name);
    message.string(NODE.output, 'z');
    message.string(NODE.op, 'Anything');
    message.string(NODE.name, part.name ?? '');
    for (const [key, value] of Object.entries(metadata)) {
      const entry = new WireWriter();
      entry.string(STRING_ENTRY.key, key);
      entry.string(STRING_ENTRY.value, value);
      message.message(NODE.metadata, entry);
    }
    writer.message(GRAPH.node, message);
    const constants = new Map([['layer1.0.fc.weight', floats([1], [1])]]);
    const bytes = withGraphFields({ ...relu, constants }, (graph) => graph.append(writer.finish()));
    return decode(bytes).graph.nodes.find(({ op }) => op === 'Anything')?.scope;
  };

  test.each([
    ['/layer4/layer4.2/conv2/Conv', 'layer4.2.conv2'],
    ['/features/features.0/features.0.1/Relu', 'features.0.1'],
    ['/layer1/layer1.0/downsample/downsample.1/Conv', 'layer1.0.downsample.1'],
    ['/blocks.11/attn/MatMul_1', 'blocks.11.attn'],
    ['/Flatten', undefined],
    ['Conv_0', undefined],
  ])('TorchScript %s', (name, scope) => expect(origin({ name })).toBe(scope));

  test('dynamo exporter, both generations of its metadata', () => {
    const scopes = "['', 'layer1', 'layer1.0', 'layer1.0.bn1', '_native_batch_norm_legit_no_training']";
    expect(origin({ name: '/other/Conv' }, { 'pkg.torch.onnx.name_scopes': scopes })).toBe('layer1.0.bn1');
    const namespace =
      ': M.Net/layer1: torch.nn.Sequential/layer1.0: M.Block/layer1.0.conv1: torch.nn.Conv2d/c: aten.conv2d';
    expect(origin({}, { namespace })).toBe('layer1.0.conv1');
    expect(origin({}, { 'pkg.torch.onnx.name_scopes': "['', 'mean']" })).toBeUndefined();
  });

  test('the name of a weight, where nothing else tells', () => {
    expect(origin({ inputs: ['x', 'layer1.0.fc.weight'] })).toBe('layer1.0.fc');
  });
});

describe('bodies and functions', () => {
  const condition = port('c', { dtype: 'bool', shape: [] });
  const feeds = (c: number) => ({
    x: { dtype: 'float32', shape: [1, 2], values: [-1, 2] } as const,
    c: { dtype: 'bool', shape: [], values: [c] } as const,
  });

  test('values that a body reads from outside are captured, and count as read', async () => {
    const branch = (op: string, names: string[]) =>
      graphOf({ inputs: [], outputs: [port('z', float32(1, 2))], nodes: [node(op, names, ['z'])] });
    const graph = graphOf({
      inputs: [port('x', float32(1, 2)), condition],
      outputs: [port('y', float32(1, 2))],
      nodes: [
        node('Relu', ['x'], ['a']),
        node('If', ['c'], ['y'], {
          then_branch: bodyAttribute('then_branch', branch('Mul', ['a', 'w'])),
          else_branch: bodyAttribute('else_branch', branch('Neg', ['x'])),
        }),
      ],
      constants: new Map([['w', floats([2], [3, 4])]]),
    });
    const decoded = decode(encodeModel(graph)).graph;
    expect(new Set(decoded.nodes[1]?.captures)).toEqual(new Set(['a', 'w', 'x']));
    for (const c of [0, 1]) {
      expect((await run(encodeModel(decoded), feeds(c)))['y']?.values).toEqual(c ? [0, 8] : [1, -2]);
    }
  });

  const scaled = functionOf({
    name: 'Scaled',
    inputs: ['a'],
    outputs: ['b'],
    nodes: [
      { ...node('Constant', [], ['k']), references: { value_float: 'factor' } },
      { ...node('Mul', ['a', 'k'], ['m']), name: 'mul' },
      node('Relu', ['m'], ['b']),
    ],
  });
  const twice = functionOf({
    name: 'Twice',
    inputs: ['a'],
    outputs: ['b'],
    nodes: [
      { ...node('Scaled', ['a'], ['h'], { factor: float(2) }), domain: 'local' },
      { ...node('Scaled', ['h'], ['b'], { factor: float(-3) }), domain: 'local' },
    ],
  });
  const calling = (op: string, functions: readonly Uint8Array[], attributes: Node['attributes'] = {}): Graph =>
    graphOf({
      domains: { local: 1 },
      inputs: [port('x', float32(1, 2))],
      outputs: [port('y', float32(1, 2))],
      nodes: [
        { ...node(op, ['x'], ['h'], attributes), domain: 'local', name: 'call', scope: 'layer1' },
        node('Neg', ['h'], ['y']),
      ],
      functions,
    });

  test('functions are inlined, calls in calls too, with the attributes of the call', async () => {
    const bytes = encodeModel(calling('Twice', [scaled, twice]));
    const { graph } = decode(bytes);
    expect(graph.functions).toBeUndefined();
    expect(graph.domains).toEqual({});
    expect(graph.nodes.map(({ op, scope }) => [op, scope])).toEqual([
      ['Mul', 'layer1'],
      ['Relu', 'layer1'],
      ['Mul', 'layer1'],
      ['Relu', 'layer1'],
      ['Neg', undefined],
    ]);
    const x = { dtype: 'float32', shape: [1, 2], values: [1, -1] } as const;
    expect(await run(encodeModel(graph), { x })).toEqual(await run(bytes, { x }));
  });

  test('a function with bodies stays a call, and its bytes stay with the graph', async () => {
    const branch = (op: string) =>
      graphOf({ inputs: [], outputs: [port('z', float32(1, 2))], nodes: [node(op, ['a'], ['z'])] });
    const choosing = functionOf({
      name: 'Choose',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [
        node('Constant', [], ['t'], { value: tensor(constantOf('bool', [], [1])) }),
        node('If', ['t'], ['b'], {
          then_branch: bodyAttribute('then_branch', branch('Exp')),
          else_branch: bodyAttribute('else_branch', branch('Neg')),
        }),
      ],
    });
    const bytes = encodeModel(calling('Choose', [choosing]));
    const { graph } = decode(bytes);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Choose', 'Neg']);
    expect(graph.domains).toEqual({ local: 1 });
    const x = { dtype: 'float32', shape: [1, 2], values: [1, -1] } as const;
    expect(await run(encodeModel(graph), { x })).toEqual(await run(bytes, { x }));
  });

  test('a function of an older operator set is upgraded where it is inlined', () => {
    const older = functionOf({
      name: 'Clipped',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [node('ReduceMean', ['a'], ['b'], { axes: ints([1]) })],
      opset: 17,
    });
    const { graph } = decode(encodeModel(calling('Clipped', [older])));
    const mean = graph.nodes[0];
    expect(mean?.attributes).toEqual({});
    expect(graph.constants.get(mean?.inputs[1] ?? '')).toEqual(longs(1));
  });

  test('functions that call themselves, or multiply, end in an error', () => {
    const call = (name: string) => ({ ...node(name, ['a'], ['b']), domain: 'local' });
    const loop = functionOf({ name: 'Loop', inputs: ['a'], outputs: ['b'], nodes: [call('Loop')] });
    expect(() => decode(encodeModel(calling('Loop', [loop])))).toThrow(/function 'Loop' calls itself/);
    const bombs = Array.from({ length: 30 }, (_, level) =>
      functionOf({
        name: `F${level}`,
        inputs: ['a'],
        outputs: ['b'],
        nodes: level === 0 ? [] : [call(`F${level - 1}`), call(`F${level - 1}`)],
      }),
    );
    expect(() => decode(encodeModel(calling('F29', bombs)))).toThrow(/more than 500000 nodes/);
  });

  test('bodies nested without end are an error', () => {
    let body = graphOf({ inputs: [], outputs: [port('z', float32())], nodes: [node('Identity', ['x'], ['z'])] });
    for (let depth = 0; depth < 70; depth++) {
      const attributes = { then_branch: bodyAttribute('then_branch', body) };
      body = graphOf({ inputs: [], outputs: [port('z', float32())], nodes: [node('If', ['c'], ['z'], attributes)] });
    }
    const graph = graphOf({ ...relu, inputs: [...relu.inputs, condition], nodes: body.nodes, outputs: body.outputs });
    expect(() => decode(encodeModel(graph))).toThrow(/nested more than 64 deep/);
  });
});

describe('what is no model', () => {
  const text = (content: string) => new TextEncoder().encode(content);
  test.each([
    ['an empty file', new Uint8Array(0), /an empty file/],
    [
      'a Git LFS pointer',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n'),
      /Git LFS pointer/,
    ],
    ['a web page', text('<!DOCTYPE html>\n<html>'), /text: '<!DOCTYPE html>'/],
    ['JSON', text('{"modelTopology": 1}'), /text: '\{"modelTopology"/],
    ['a ZIP archive', text('PK\u0003\u0004abcdefgh'), /a ZIP archive/],
    ['an .ort file', text('\u0018\u0000\u0000\u0000ORTMxxxx'), /\.ort/],
    ['a message without a graph', Uint8Array.of(8, 8), /a message without a graph/],
  ])('%s is named', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow(/Cannot read 'm.onnx' as ONNX/);
  });

  test('a graph whose input is no tensor says which', () => {
    const type = new WireWriter();
    type.message(4, new WireWriter());
    const input = (graph: WireWriter) => {
      const value = new WireWriter();
      value.string(1, 'seq');
      value.message(2, type);
      graph.message(GRAPH.input, value);
    };
    expect(() => decode(withGraphFields(relu, input))).toThrow(/input 'seq' is no tensor/);
  });

  test('an attribute of a kind that a graph does not know survives', () => {
    const proto = new WireWriter();
    proto.string(ATTRIBUTE.name, 'odd');
    proto.bytes(ATTRIBUTE.string, Uint8Array.of(0xff, 0xfe));
    proto.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.string);
    const odd = { kind: 'opaque', value: proto.finish() } as const;
    const graph = graphOf({ ...relu, nodes: [node('Relu', ['x'], ['y'], { odd })] });
    expect(decode(encodeModel(graph)).graph.nodes[0]?.attributes['odd']).toEqual(odd);
  });
});

const fixtures = resolve(import.meta.dirname, '../../../shared/fixtures');
const real = ['demo/runs/ce/model.onnx', 'demo/extra/model-dynamo.onnx', 'efficientnet-lite0/model.onnx'];
describe.skipIf(!existsSync(fixtures))('files of real exporters', () => {
  test.each(real)('%s re-encoded gives the same logits', async (name) => {
    const file = resolve(fixtures, name);
    const { graph } = decodeModel(readFileSync(file), { folder: resolve(file, '..'), source: name });
    const [input] = graph.inputs;
    const shape = input?.type.shape?.map((dim) => dim ?? 1) ?? [];
    const x = { dtype: 'float32', shape, values: noise(shape) } as const;
    const [original, again] = [await run(file, { input: x }), await run(encodeModel(graph), { input: x })];
    expect(again).toEqual(original);
  });
});
