import { describe, expect, it } from 'vitest';
import type { Constant } from '../../../src/graph/graph.ts';
import { constantOf } from '../../../src/graph/tensor.ts';
import { GradcamError } from '../../../src/lib/errors.ts';
import { snakeCase } from '../../../src/model/keras/snake-case.ts';
import { parseTopology, type ModelSpec } from '../../../src/model/keras/topology.ts';
import { weightsByName, weightsByPosition, type ModelWeights } from '../../../src/model/keras/weights.ts';

const dense = (name: string) => ({ class_name: 'Dense', config: { name, use_bias: false, trainable: true } });
const sequential = (name: string, ...layers: unknown[]) => ({ class_name: 'Sequential', config: { name, layers } });
const read = (config: unknown): ModelSpec => parseTopology(config, 2, 'm.h5');

/** Each array is told by its one number. */
const array = (number: number): Constant => constantOf('float32', [1], [number]);
const named = (...names: string[]) => names.map((name, index) => ({ name, value: array(index) }));

/** The number that each layer got as its kernel. */
function kernels(weights: ModelWeights): Record<string, number> {
  return Object.fromEntries(
    [...weights].map(([layer, own]) => [layer.path, new Float32Array(own.get('kernel')!.bytes.slice().buffer)[0]!]),
  );
}

function refusal(action: () => unknown): GradcamError {
  try {
    action();
  } catch (error) {
    if (error instanceof GradcamError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('weights by name', () => {
  it.each([
    ['as Keras 2 writes them', ['a/kernel:0', 'b/kernel:0']],
    ['with the name of the model before them', ['model/a/kernel', 'model/b/kernel']],
    ['in another order', ['b/kernel', 'a/kernel']],
    ['with numbers appended by an older TensorFlow', ['a_1/kernel', 'b_1/kernel']],
    ['with numbers appended to the variable', ['a/kernel_3', 'b/kernel']],
  ])('%s', (_, names) => {
    const model = read(sequential('model', dense('a'), dense('b')));
    const expected = {
      a: names.findIndex((name) => /\ba(_1)?\//.test(name)),
      b: names.findIndex((name) => /\bb(_1)?\//.test(name)),
    };
    expect(kernels(weightsByName(model, named(...names), 'm.json'))).toEqual(expected);
  });

  it('prefers the array whose prefixes name the models around a layer', () => {
    const model = read(sequential('model', sequential('left', dense('d')), sequential('right', dense('d'))));
    const found = weightsByName(model, named('model/right/d/kernel', 'model/left/d/kernel'), 'm.json');
    expect(kernels(found)).toEqual({ 'left/d': 1, 'right/d': 0 });
  });

  it('takes arrays of one name in the order of the file where nothing tells them apart', () => {
    const model = read(sequential('model', sequential('left', dense('d')), sequential('right', dense('d'))));
    expect(kernels(weightsByName(model, named('d/kernel', 'd/kernel'), 'm.json'))).toEqual({
      'left/d': 0,
      'right/d': 1,
    });
  });

  it('keeps to the group of the layer where the file has groups', () => {
    const model = read(sequential('model', dense('a'), dense('b')));
    const arrays = [
      { name: 'x/kernel:0', group: 'b', value: array(5) },
      { name: 'x/kernel:0', group: 'a', value: array(6) },
    ];
    expect(kernels(weightsByName(model, arrays, 'm.h5'))).toEqual({ a: 6, b: 5 });
  });

  it('does not take dense_1 for a renamed dense', () => {
    const model = read(sequential('model', dense('dense'), dense('dense_1')));
    expect(kernels(weightsByName(model, named('dense_1/kernel', 'dense/kernel'), 'm.json'))).toEqual({
      dense: 1,
      dense_1: 0,
    });
  });

  it('never leaves a layer without: the error names layer, variable and the nearest array', () => {
    const model = read(sequential('model', dense('predictions')));
    const { code, message } = refusal(() => weightsByName(model, named('prediction/kernel'), 'm.json'));
    expect(code).toBe('keras-missing-weights');
    expect(message).toMatch(/"kernel" of layer predictions \(Dense\)/);
    expect(message).toContain('prediction/kernel');
  });
});

describe('weights by position', () => {
  const places = (all: Record<string, number>) => (place: string) =>
    all[place] === undefined ? null : array(all[place]);

  it('counts layers per class, nested models apart, and leaves functions out', () => {
    const config = sequential(
      'model',
      dense('z'),
      { class_name: 'ReLU', config: { name: 'r', trainable: true } },
      sequential('inner', dense('q')),
      dense('a'),
    );
    const found = weightsByPosition(
      read(config),
      places({ 'layers/dense/vars/0': 1, 'layers/dense_1/vars/0': 2, 'layers/sequential/layers/dense/vars/0': 3 }),
      'm',
    );
    expect(kernels(found)).toEqual({ z: 1, a: 2, 'inner/q': 3 });
  });

  it('says which place is empty', () => {
    const { code, message } = refusal(() =>
      weightsByPosition(read(sequential('m', dense('a'))), places({}), 'm.keras'),
    );
    expect(code).toBe('keras-missing-weights');
    expect(message).toContain('layers/dense/vars/0');
  });

  it.each([
    ['Conv2DTranspose', 'conv2d_transpose'],
    ['DepthwiseConv2D', 'depthwise_conv2d'],
    ['GlobalAveragePooling2D', 'global_average_pooling2d'],
    ['BatchNormalization', 'batch_normalization'],
    ['PReLU', 'p_re_lu'],
    ['MultiHeadAttention', 'multi_head_attention'],
    ['Relu6', 'relu6'],
    ['GetItem', 'get_item'],
  ])('%s becomes %s, as in Keras', (name, snake) => {
    expect(snakeCase(name)).toBe(snake);
  });
});
