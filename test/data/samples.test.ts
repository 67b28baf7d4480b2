import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectSamples } from '../../src/data/samples.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

function folderWith(...names: string[]) {
  const folder = temporaryFolder();
  for (const name of names) folder.put(name);
  const at = (name: string) => join(folder.path, name);
  const ids = async (...paths: string[]) => (await collectSamples(paths.map(at))).samples.map(({ id }) => id);
  return { ...folder, at, ids };
}

describe('collectSamples', () => {
  it('finds pictures at any depth in natural order, and nothing else', async () => {
    const { ids } = folderWith(
      's/img10.JPG',
      's/img2.png',
      's/deep/er/x.tiff',
      's/.hidden.jpg',
      's/.git/y.jpg',
      's/labels.csv',
      's/facts.json',
    );
    expect(await ids('s')).toEqual(['img2', 'img10', 'x']);
  });

  it('keeps the order given and takes a picture named twice once', async () => {
    const { at, ids } = folderWith('s/a.jpg', 's/b.jpg');
    expect(await ids('s/b.jpg', 's')).toEqual(['b', 'a']);
    expect((await collectSamples([at('s'), at('s/a.jpg')])).notes).toEqual([
      '1 picture named more than once, taken once.',
    ]);
  });

  it.skipIf(process.platform === 'win32')('follows links without running in circles', async () => {
    const { at, ids } = folderWith('s/a.jpg', 't/b.jpg');
    symlinkSync(at('t'), at('s/t'));
    symlinkSync(at('s'), at('t/s'));
    symlinkSync(at('s/a.jpg'), at('s/again.jpg'));
    expect(await ids('s')).toEqual(['a', 'b']);
  });

  it.skipIf(process.platform === 'win32')('says that a link leads nowhere', async () => {
    const { at } = folderWith('s/a.jpg');
    symlinkSync(at('gone.jpg'), at('s/b.jpg'));
    const { skipped } = await collectSamples([at('s')]);
    expect(skipped).toMatchObject([{ path: at('s/b.jpg') }]);
    expect(skipped[0]?.reason).toContain('the link leads nowhere');
  });

  it('tells samples of one name apart by their folders', async () => {
    const { at } = folderWith('s/nv/1.jpg', 's/mel/1.jpg', 's/mel/2.jpg');
    const { samples, notes } = await collectSamples([at('s')]);
    expect(samples.map(({ id, dir }) => [id, dir])).toEqual([
      ['mel_1', 'mel_1'],
      ['2', '2'],
      ['nv_1', 'nv_1'],
    ]);
    expect(notes).toEqual(['2 samples share their name with another; folders or endings tell them apart.']);
  });

  it('tells pictures of one folder apart by their endings', async () => {
    const { ids } = folderWith('s/a.jpg', 's/a.png', 's/b.png');
    expect(await ids('s')).toEqual(['a.jpg', 'a.png', 'b']);
  });

  it.skipIf(process.platform === 'win32')(
    'keeps ids as they are, and makes names for folders that every system takes',
    async () => {
      const { at } = folderWith(
        's/<script>alert("1")<|script>.jpg',
        `s/it's "odd" ünï 日本 😀.jpg`,
        's/CON.png',
        's/a.jpg',
        's/A.jpg',
      );
      const { samples } = await collectSamples([at('s')]);
      expect(Object.fromEntries(samples.map(({ id, dir }) => [id, dir]))).toEqual({
        '<script>alert("1")<|script>': '_script_alert(_1_)__script_',
        [`it's "odd" ünï 日本 😀`]: `it's _odd_ ünï 日本 😀`,
        CON: '_CON',
        a: 'a',
        A: 'A-2',
      });
    },
  );

  it('takes masks for masks', async () => {
    const { at, ids } = folderWith(
      's/a.jpg',
      's/masks/a.png',
      's/cue_masks/a.png',
      's/Segmentations/a.png',
      's/a_segmentation.png',
      's/a_mask.png',
      's/b_mask.jpg',
    );
    expect(await ids('s')).toEqual(['a', 'b_mask']);
    const { notes } = await collectSamples([at('s')]);
    expect(notes[0]).toContain('Taken for masks, not for samples:');
    expect(notes[1]).toBe('2 files taken for masks by name (_segmentation, _mask).');
    expect(await ids('s/a.jpg', 's/masks')).toEqual(['a']);
    expect(await ids('s/masks')).toEqual(['a']); // the only thing named is meant
  });

  it('leaves out reports that lie among the pictures', async () => {
    const { at, ids } = folderWith('a.jpg', 'out/report.json', 'out/overlays/a/ce.png');
    expect(await ids('.')).toEqual(['a']);
    expect((await collectSamples([at('.')])).notes[0]).toContain('Reports made by gradcam were left out');
  });

  it('says what is no picture only where it was named', async () => {
    const { at } = folderWith('s/a.jpg', 's/notes.txt', 's/x.heic', 's/labels.csv');
    const named = await collectSamples(['s/a.jpg', 's/notes.txt', 's/labels.csv'].map(at));
    expect(named.skipped).toEqual([
      { path: at('s/notes.txt'), reason: expect.stringContaining('not a picture by its name') as string },
    ]);
    const found = await collectSamples([at('s')]);
    expect(found.skipped).toEqual([
      { path: at('s/x.heic'), reason: '.heic pictures cannot be read; convert it to PNG or JPEG' },
    ]);
    expect((await collectSamples([at('s/*.[jt]*')])).skipped).toEqual([]);
  });

  it('names what is missing and takes the rest', async () => {
    const { at } = folderWith('s/a.jpg');
    const { samples, skipped } = await collectSamples([at('s'), at('gone.jpg')]);
    expect(samples).toHaveLength(1);
    expect(skipped).toMatchObject([{ path: at('gone.jpg') }]);
  });

  it('fails for what is not there', async () => {
    const { at } = folderWith('s/notes.txt', 'empty/.keep');
    await expect(collectSamples([at('nowhere')])).rejects.toMatchObject({ code: 'images-not-found' });
    await expect(collectSamples([at('*.jpg')])).rejects.toMatchObject({ code: 'no-match' });
    await expect(collectSamples([at('empty')])).rejects.toMatchObject({ code: 'no-images', parts: { found: 'none' } });
    await expect(collectSamples([at('gone'), at('empty')])).rejects.toThrow('there is nothing at');
    await expect(collectSamples([at('s/notes.txt')])).rejects.toThrow('not a picture by its name');
  });

  it('lists two thousand pictures in a moment', async () => {
    const { at, put } = folderWith();
    for (let i = 0; i < 2000; i++) put(`s/${i % 10}/ISIC_${i}.jpg`);
    const start = performance.now();
    expect((await collectSamples([at('s')])).samples).toHaveLength(2000);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
