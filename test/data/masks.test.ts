import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMasks } from '../../src/data/masks.ts';
import { collectSamples } from '../../src/data/samples.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

async function masksOf(files: readonly string[], folder?: string, images = 's') {
  const { path, put } = temporaryFolder();
  for (const name of files) put(name);
  const list = await collectSamples([join(path, images)]);
  const { masks, source, notes } = await findMasks(list, folder === undefined ? undefined : join(path, folder));
  const short = (text: string) => text.slice(path.length + 1).replaceAll('\\', '/');
  return {
    masks: Object.fromEntries([...masks].map(([id, mask]) => [id, short(mask)])),
    source: source && short(source),
    notes,
  };
}

describe('findMasks', () => {
  it('knows three ways to name a mask, in any case, in that order', async () => {
    const { masks, notes } = await masksOf(
      [
        's/a.png',
        's/b.jpg',
        's/c.jpg',
        's/d.jpg',
        'm/a.png',
        'm/a_SEGMENTATION.PNG',
        'm/b_mask.png',
        'm/b.tif',
        'm/deep/C_mask.PNG',
        'm/z.png',
        'm/notes.txt',
      ],
      'm',
    );
    expect(masks).toEqual({ a: 'm/a_SEGMENTATION.PNG', b: 'm/b.tif', c: 'm/deep/C_mask.PNG' });
    expect(notes).toEqual(['1 picture without a mask.', '1 mask without a picture.']);
  });

  it('tells masks of one name apart by folders', async () => {
    const { masks } = await masksOf(['s/nv/1.jpg', 's/mel/1.jpg', 'm/mel/1.png', 'm/nv/1.png'], 'm');
    expect(masks).toEqual({ mel_1: 'm/mel/1.png', nv_1: 'm/nv/1.png' });
  });

  it('does not take a picture for its own mask', async () => {
    const { masks } = await masksOf(['s/a.jpg', 's/b.jpg', 's/b_segmentation.png'], 's');
    expect(masks).toEqual({ b: 's/b_segmentation.png' });
  });

  it('finds the folder masks beside the pictures, and masks among them', async () => {
    const { masks, source, notes } = await masksOf([
      's/a.jpg',
      's/b.jpg',
      's/c.jpg',
      's/masks/a.png',
      's/b_segmentation.png',
    ]);
    expect(masks).toEqual({ a: 's/masks/a.png', b: 's/b_segmentation.png' });
    expect(source).toBe('s/masks');
    expect(notes[0]).toMatch(/^Masks were taken from .*masks, .*, found beside the pictures\.$/);
    expect(notes[1]).toBe('1 picture without a mask.');
    expect((await masksOf(['s/a.jpg', 's/masks/a.png'], undefined, 's/a.jpg')).masks).toEqual({ a: 's/masks/a.png' });
  });

  it('says nothing where there are none', async () => {
    expect(await masksOf(['s/a.jpg'])).toEqual({ masks: {}, source: null, notes: [] });
  });

  it('fails for a folder that is not there, and for a file', async () => {
    await expect(masksOf(['s/a.jpg'], 'm')).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(masksOf(['s/a.jpg'], 's/a.jpg')).rejects.toMatchObject({ code: 'masks-not-found' });
  });
});
