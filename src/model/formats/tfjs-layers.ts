// TensorFlow.js LayersModels: a Keras configuration in model.json, weights in shards beside it.
import type { ModelFormat, ModelSource } from '../format.ts';
import type { Model } from '../model.ts';
import { isTfjs } from '../tfjs/detect.ts';

export const tfjsLayers: ModelFormat = {
  id: 'tfjs-layers',
  title: 'TensorFlow.js LayersModel',
  extensions: ['.json'],
  detect: (source) => isTfjs(source, 'layers-model'),
  load,
};

async function load(source: ModelSource): Promise<Model> {
  const [{ readTfjsLayers }, { createKerasModel }] = await Promise.all([
    import('../keras/read.ts'),
    import('../keras/model.ts'),
  ]);
  return createKerasModel(await readTfjsLayers(source.file), source, 'tfjs-layers');
}
