// Keras models in HDF5, from every Keras since 2015.
import type { ModelFormat, ModelSource } from '../format.ts';
import type { Model } from '../model.ts';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46];

export const kerasH5: ModelFormat = {
  id: 'keras-h5',
  title: 'Keras HDF5',
  extensions: ['.h5', '.hdf5'],
  detect: ({ file, head }) => /\.(h5|hdf5)$/i.test(file) || SIGNATURE.every((byte, index) => head[index] === byte),
  load,
};

async function load(source: ModelSource): Promise<Model> {
  const [{ readKerasHdf5 }, { createKerasModel }] = await Promise.all([
    import('../keras/read.ts'),
    import('../keras/model.ts'),
  ]);
  return createKerasModel(await readKerasHdf5(source.file), source, 'keras-h5');
}
