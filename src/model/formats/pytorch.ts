// Checkpoints of PyTorch: state dicts, by themselves or wrapped by training scripts, in zip archives or older files.
import type { ModelFormat, ModelSource } from '../format.ts';
import type { Model } from '../model.ts';

export const pytorch: ModelFormat = {
  id: 'pytorch',
  title: 'PyTorch checkpoint',
  extensions: ['.pth', '.pt', '.ckpt', '.pth.tar', '.pt.tar'],
  // A program of torch.export, `.pt2`, is told how to become one.
  detect: ({ file, head }) => /\.(pth|pt|pt2|ckpt|pth\.tar|pt\.tar)$/i.test(file) || startsLikeOne(head),
  load,
};

/** A zip archive whose first member is `<name>/data.pkl`, or the magic number that older files start with. */
function startsLikeOne(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  if (text.startsWith('PK\x03\x04')) return /^[^/]*\/data\.pkl/.test(text.slice(30));
  return text.startsWith('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.');
}

async function load(source: ModelSource): Promise<Model> {
  const [{ withReader }, { readCheckpoint }, { findStateDict }, { createTorchModel }] = await Promise.all([
    import('../reader.ts'),
    import('../torch/checkpoint.ts'),
    import('../torch/state-dict.ts'),
    import('../torch/model.ts'),
  ]);
  const wanted = source.run.raw.weights;
  return withReader(source.file, async (file) => {
    const { value, placeOf } = await readCheckpoint(file);
    const stateDict = findStateDict(value, source.path, typeof wanted === 'string' ? wanted : undefined);
    return createTorchModel({ file, stateDict, placeOf }, source, 'pytorch');
  });
}
