// Keras archives: a zip of configuration and weights, written by Keras 3 and by tf.keras from 2.13 on.
import type { ModelFormat, ModelSource } from '../format.ts';
import type { Model } from '../model.ts';

export const kerasV3: ModelFormat = {
  id: 'keras-v3',
  title: 'Keras archive',
  extensions: ['.keras'],
  detect: ({ file }) => file.toLowerCase().endsWith('.keras'),
  load,
};

async function load(source: ModelSource): Promise<Model> {
  const [{ readKerasArchive }, { createKerasModel }] = await Promise.all([
    import('../keras/read.ts'),
    import('../keras/model.ts'),
  ]);
  return createKerasModel(await readKerasArchive(source.file), source, 'keras-v3');
}
