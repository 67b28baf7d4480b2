// Models that Keras made (test/fixtures/make/tiny_keras.py), read and run eagerly: what the tests of this room share.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeNpy } from '../../../src/lib/npy.ts';
import { readKerasArchive, readKerasHdf5, readTfjsLayers, type KerasModel } from '../../../src/model/keras/read.ts';
import { runModel } from '../../../src/model/keras/run.ts';
import type { LayerSpec, ModelSpec } from '../../../src/model/keras/topology.ts';
import { tf } from '../../../src/tf/tfjs.ts';

export const fixtures = join(import.meta.dirname, '../../fixtures');

export interface Variant {
  readonly fixture: string;
  readonly file: string;
  /** File of the logits that Keras gave. */
  readonly logits: string;
}

const NAMES = ['residual', 'efficient', 'nested', 'separable', 'mixed', 'grouped', 'sequential'].map(
  (name) => `keras-${name}`,
);
const FILES = [
  'keras3.keras',
  'keras2.keras',
  'keras3.h5',
  'keras2.h5',
  'layers',
  'layers-keras3',
  'layers-uint8',
  'layers-uint16',
  'layers-float16',
];

/** Every file of every fixture that Keras's interpreter here reads. */
export const variants: readonly Variant[] = NAMES.flatMap((fixture) =>
  FILES.filter((file) => existsSync(join(fixtures, fixture, file))).map((file) => {
    const quantised = /uint8|uint16|float16/.exec(file)?.[0];
    // Where the generations differ, a LayersModel comes from the old one.
    const old = /keras2|layers$/.test(file) && existsSync(join(fixtures, fixture, 'logits-keras2.npy'));
    const logits = quantised === undefined ? (old ? 'logits-keras2.npy' : 'logits.npy') : `logits-${quantised}.npy`;
    return { fixture, file: file.startsWith('layers') ? join(file, 'model.json') : file, logits };
  }),
);

export function readNpy(path: string): { shape: number[]; data: Float32Array } {
  return decodeNpy(readFileSync(path), path);
}

export function readKeras(path: string): Promise<KerasModel> {
  if (path.endsWith('.keras')) return readKerasArchive(path);
  return path.endsWith('.h5') ? readKerasHdf5(path) : readTfjsLayers(path);
}

/** The model's outputs on the `cpu` backend, its last activation taken away: what the fixtures call logits. */
export function eagerLogits(
  { spec, weights }: KerasModel,
  inputs: { shape: number[]; data: Float32Array },
): Float32Array {
  return tf.tidy(() => {
    const bare = withoutLastActivation(spec, weights);
    const [output] = runModel(bare.spec, [tf.tensor(inputs.data, inputs.shape)], bare.weights);
    return output!.dataSync<'float32'>();
  });
}

function withoutLastActivation(spec: ModelSpec, weights: KerasModel['weights']): Pick<KerasModel, 'spec' | 'weights'> {
  const last = spec.layers.find((layer) => layer.name === spec.outputs[0]!.layer)!;
  const bare: LayerSpec = { ...last, config: { ...last.config, activation: 'linear' } };
  const order = spec.order.map(({ layer, call }) => ({ layer: layer === last ? bare : layer, call }));
  const own = weights.get(last);
  return { spec: { ...spec, order }, weights: own === undefined ? weights : new Map([...weights, [bare, own]]) };
}
