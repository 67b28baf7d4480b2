// Models that Keras made (test/fixtures/make/tiny_keras.py), read and run eagerly: what the tests of this room share.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../../src/graph/graph.ts';
import { decodeNpy } from '../../../src/lib/npy.ts';
import { readKerasArchive, readKerasHdf5, readTfjsLayers, type KerasModel } from '../../../src/model/keras/read.ts';
import { runModel } from '../../../src/model/keras/run.ts';
import type { LayerSpec, ModelSpec } from '../../../src/model/keras/topology.ts';
import { replay } from '../../../src/replay/replay.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { record } from '../../../src/trace/tracer.ts';

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
  const bare = withoutLastActivation(spec, weights);
  return runEagerly(bare.spec, [tf.tensor(inputs.data, inputs.shape)], bare.weights).dataSync<'float32'>();
}

/** What is recorded of a model. */
export function recordModel(spec: ModelSpec, shapes: readonly number[][], weights: KerasModel['weights']): Graph {
  return record((tracer) => {
    const inputs = shapes.map((shape, index) => tracer.input(`input${index}`, { dtype: 'float32', shape }));
    return { output: runModel(spec, inputs, weights)[0]! };
  });
}

/** The model's first output: what is recorded of it, replayed on the `cpu` backend. */
export function runEagerly(spec: ModelSpec, inputs: readonly tf.Tensor[], weights: KerasModel['weights']): tf.Tensor {
  const graph = recordModel(
    spec,
    inputs.map(({ shape }) => shape),
    weights,
  );
  const feeds = new Map(inputs.map((input, index) => [`input${index}`, input]));
  return tf.tidy(() => replay(graph, graph.nodes, feeds, ['output']).get('output')!);
}

function withoutLastActivation(spec: ModelSpec, weights: KerasModel['weights']): Pick<KerasModel, 'spec' | 'weights'> {
  const last = spec.layers.find((layer) => layer.name === spec.outputs[0]!.layer)!;
  const bare: LayerSpec = { ...last, config: { ...last.config, activation: 'linear' } };
  const order = spec.order.map(({ layer, call }) => ({ layer: layer === last ? bare : layer, call }));
  const own = weights.get(last);
  return { spec: { ...spec, order }, weights: own === undefined ? weights : new Map([...weights, [bare, own]]) };
}
