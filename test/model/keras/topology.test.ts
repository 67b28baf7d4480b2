import { describe, expect, it } from 'vitest';
import { GradcamError } from '../../../src/lib/errors.ts';
import { inputShapeOf, parseTopology, type ModelSpec } from '../../../src/model/keras/topology.ts';

type Json = Record<string, unknown>;

const layer = (className: string, name: string, nodes: unknown[], config: Json = {}): Json => ({
  class_name: className,
  name,
  config: { name, trainable: true, ...config },
  inbound_nodes: nodes,
});
const input = (name = 'image'): Json => layer('InputLayer', name, [], { batch_input_shape: [null, 8, 8, 3] });
const functional = (name: string, layers: Json[], inputs: unknown, outputs: unknown): Json => ({
  class_name: 'Functional',
  config: { name, layers, input_layers: inputs, output_layers: outputs },
});
/** Keras 3's way to name a tensor. */
const tensor = (name: string, node = 0, output = 0): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: [null], dtype: 'float32', keras_history: [name, node, output] },
});

/** The order of calls as `layer` or `layer:1`, each with what it takes. */
function calls(model: ModelSpec): string[] {
  return model.order.map(({ layer: { name, calls: all }, call }) => {
    const args = all[call]?.args ?? [];
    const refs = JSON.stringify(args).matchAll(/"layer":"([^"]+)","call":(\d+),"output":(\d+)/g);
    return `${name}:${call} <- ${[...refs].map((ref) => ref.slice(1).join('.')).join(' ')}`;
  });
}

function refusal(config: unknown, generation: 2 | 3 = 2): GradcamError {
  try {
    parseTopology(config, generation, 'm.h5');
  } catch (error) {
    if (error instanceof GradcamError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('topologies', () => {
  it('reads the nodes of Keras 2, one input, several, and keyword arguments', () => {
    const layers = [
      input(),
      layer('Conv2D', 'a', [[['image', 0, 0, {}]]]),
      layer('Add', 'sum', [
        [
          ['image', 0, 0, {}],
          ['a', 0, 0, {}],
        ],
      ]),
      layer('TFOpLambda', 'tf.math.multiply', [['sum', 0, 0, { y: ['a', 0, 0], name: null }]]),
    ];
    const model = parseTopology(functional('m', layers, [['image', 0, 0]], [['tf.math.multiply', 0, 0]]), 2, 'm.h5');
    expect(calls(model)).toEqual([
      'image:0 <- ',
      'a:0 <- image.0.0',
      'sum:0 <- image.0.0 a.0.0',
      'tf.math.multiply:0 <- sum.0.0',
    ]);
    const [node] = model.layers.at(-1)!.calls;
    expect(node!.kwargs.y).toEqual({ kind: 'tensor', ref: { layer: 'a', call: 0, output: 0 } });
    expect(node!.kwargs.name).toEqual({ kind: 'value', value: null });
    expect(inputShapeOf(model, model.inputs[0]!)).toEqual([null, 8, 8, 3]);
  });

  it('reads the nodes of Keras 3, its functions apart from its layers', () => {
    const layers = [
      layer('InputLayer', 'image', [], { batch_shape: [null, 8, 8, 3] }),
      layer('Add', 'layer', [{ args: [[tensor('image'), tensor('image')]], kwargs: {} }], { dtype: 'float32' }),
      { ...layer('Add', 'function', [{ args: [tensor('layer'), 3], kwargs: {} }]), module: 'keras.src.ops.numpy' },
    ];
    const model = parseTopology(functional('m', layers, ['image', 0, 0], ['function', 0, 0]), 3, 'm.keras');
    expect(model.layers.map((one) => one.operation)).toEqual([false, false, true]);
    expect(calls(model)).toEqual(['image:0 <- ', 'layer:0 <- image.0.0 image.0.0', 'function:0 <- layer.0.0']);
  });

  it('counts the calls of nested models as both generations do', () => {
    const inner = functional(
      'inner',
      [input('x'), layer('Dense', 'd', [[['x', 0, 0, {}]]])],
      [['x', 0, 0]],
      [['d', 0, 0]],
    );
    const nested = (nodes: unknown[]): Json => ({ ...inner, name: 'inner', inbound_nodes: nodes });
    // Keras 2 counts the model's own creation as node 0.
    const old = [
      input(),
      nested([[['image', 0, 0, {}]], [['image', 0, 0, {}]]]),
      layer('Add', 'sum', [
        [
          ['inner', 1, 0, {}],
          ['inner', 2, 0, {}],
        ],
      ]),
    ];
    const two = parseTopology(functional('m', old, [['image', 0, 0]], [['sum', 0, 0]]), 2, 'm.h5');
    expect(calls(two).at(-1)).toBe('sum:0 <- inner.0.0 inner.1.0');
    expect(two.layers[1]!.inner!.layers.map((one) => one.path)).toEqual(['inner/x', 'inner/d']);
    // Keras 3 leaves it out of inbound_nodes, but not of output_layers.
    const node = (name: string): Json => ({ args: [tensor(name)], kwargs: {} });
    const three = parseTopology(
      functional('m', [input(), nested([node('image')])], ['image', 0, 0], ['inner', 1, 0]),
      3,
      'm.keras',
    );
    expect(three.outputs).toEqual([{ layer: 'inner', call: 0, output: 0 }]);
  });

  it('runs a shared layer once per call, in an order in which inputs come first', () => {
    const shared = layer('Conv2D', 'shared', [[['image', 0, 0, {}]], [['late', 0, 0, {}]]]);
    const layers = [shared, layer('ReLU', 'late', [[['shared', 0, 0, {}]]]), input()];
    const model = parseTopology(functional('m', layers, [['image', 0, 0]], [['shared', 1, 0]]), 2, 'm.h5');
    expect(calls(model)).toEqual([
      'image:0 <- ',
      'shared:0 <- image.0.0',
      'late:0 <- shared.0.0',
      'shared:1 <- late.0.0',
    ]);
  });

  it('chains Sequential models, with or without an input layer, of old and new', () => {
    const dense = layer('Dense', 'd', [], { batch_input_shape: [null, 4] });
    for (const config of [{ name: 's', layers: [dense, layer('ReLU', 'r', [])] }, [dense, layer('ReLU', 'r', [])]]) {
      const model = parseTopology({ class_name: 'Sequential', config }, 2, 'm.h5');
      expect(calls(model)).toEqual(['d_input:0 <- ', 'd:0 <- d_input.0.0', 'r:0 <- d.0.0']);
      expect(inputShapeOf(model, model.inputs[0]!)).toEqual([null, 4]);
    }
    const built = {
      class_name: 'Sequential',
      config: { name: 's', build_input_shape: [null, 9], layers: [layer('Dense', 'd', [])] },
    };
    const model = parseTopology(built, 3, 'm.keras');
    expect(inputShapeOf(model, model.inputs[0]!)).toEqual([null, 9]);
  });

  it.each([
    ['no model', null, 'keras-topology'],
    ['a model of Python code', { class_name: 'MyModel', config: { name: 'm' } }, 'keras-subclassed'],
    ['no layers', { class_name: 'Sequential', config: { name: 'm', layers: [] } }, 'keras-topology'],
    ['two layers of a name', functional('m', [input(), input()], ['image', 0, 0], ['image', 0, 0]), 'keras-topology'],
    ['a layer that is not there', functional('m', [input()], ['image', 0, 0], ['absent', 0, 0]), 'keras-topology'],
    [
      'a call that is not made',
      functional('m', [input(), layer('ReLU', 'r', [[['image', 0, 0, {}]]])], ['image', 0, 0], ['r', 5, 0]),
      'keras-topology',
    ],
    [
      'a circle',
      functional(
        'm',
        [input(), layer('ReLU', 'a', [[['b', 0, 0, {}]]]), layer('ReLU', 'b', [[['a', 0, 0, {}]]])],
        ['image', 0, 0],
        ['b', 0, 0],
      ),
      'keras-topology',
    ],
  ])('refuses %s', (_, config, code) => {
    expect(refusal(config).code).toBe(code);
  });

  it('refuses models nested without end, and reads long chains', () => {
    const deep = (depth: number): Json =>
      depth === 0
        ? layer('ReLU', 'r', [])
        : { class_name: 'Sequential', config: { name: `s${depth}`, layers: [deep(depth - 1)] } };
    expect(refusal(deep(60)).message).toMatch(/nested more than 32 deep/);
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      layer('ReLU', `r${index}`, [[[index === 0 ? 'image' : `r${index - 1}`, 0, 0, {}]]]),
    );
    const model = parseTopology(
      functional('m', [...chain.reverse(), input()], ['image', 0, 0], ['r19999', 0, 0]),
      2,
      'm.h5',
    );
    expect(model.order).toHaveLength(20_001);
    expect(model.order[1]!.layer.name).toBe('r0');
  });
});
