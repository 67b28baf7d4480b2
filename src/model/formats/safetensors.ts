// Weights in the safetensors format: names, shapes and bytes, nothing that could run.
import type { ModelFormat, ModelSource } from '../format.ts';
import type { Model } from '../model.ts';

export const safetensors: ModelFormat = {
  id: 'safetensors',
  title: 'safetensors weights',
  extensions: ['.safetensors'],
  detect: ({ file, head }) => file.toLowerCase().endsWith('.safetensors') || startsLikeOne(head),
  load,
};

/** The length of a JSON header in eight bytes, then the header: `{"`. */
function startsLikeOne(head: Uint8Array): boolean {
  return head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0 && head[8] === 0x7b && head[9] === 0x22;
}

async function load(source: ModelSource): Promise<Model> {
  const [{ withReader }, { readSafetensors }, { createTorchModel }] = await Promise.all([
    import('../reader.ts'),
    import('../torch/safetensors.ts'),
    import('../torch/model.ts'),
  ]);
  return withReader(source.file, async (file) => {
    const { tensors, placeOf } = await readSafetensors(file);
    return createTorchModel(
      { file, stateDict: { tensors, assumed: [], classes: null }, placeOf },
      source,
      'safetensors',
    );
  });
}
