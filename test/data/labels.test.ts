import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLabelTable } from '../../src/data/label-table.ts';
import { findLabels } from '../../src/data/labels.ts';
import { collectSamples } from '../../src/data/samples.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const table = (text: string, ...known: string[]) =>
  parseLabelTable(text, 'labels.csv', (name) => known.includes(name)).rows;

describe('parseLabelTable', () => {
  it.each([
    ['HAM10000', 'lesion_id,image_id,dx,dx_type,age,sex,localization\r\nHAM_1,ISIC_1,bkl,histo,80,male,scalp\r\n'],
    ['byte order mark, semicolons', '\ufeffImage ID;Diagnosis\nISIC_1;bkl\n'],
    ['other order', 'class,file\nbkl,ISIC_1'],
    ['one-hot, ISIC', 'image,MEL,NV,bkl\nISIC_1,0.0,0.0,1.0\n'],
    ['one-hot with text beside it', 'image,age,MEL,NV,bkl,sex\nISIC_1,80,0,0,1,male'],
    ['an index column of pandas', ',image,dx\n0,ISIC_1,bkl'],
    ['a column of classes under any name', 'image,what\nISIC_1,bkl'],
    ['no header', 'ISIC_1,bkl\nISIC_2,nv'],
    ['a list as Python prints it', `ID,filename,labels,target\n7,ISIC_1,['bkl'],"[1, 0, 0]"\n`],
    ['names under any header', 'picture no,dx\nISIC_1,bkl'],
  ])('%s', (_, text) => {
    expect(table(text, 'ISIC_1', 'ISIC_2')[0]).toEqual({ path: 'ISIC_1', label: 'bkl' });
  });

  it('prefers the column that holds names of samples', () => {
    expect(table('id,image,dx\n7,x,nv', 'x')).toEqual([{ path: 'x', label: 'nv' }]);
    expect(table('image,id,dx\n7,x,nv', 'x')).toEqual([{ path: 'x', label: 'nv' }]);
  });

  it('leaves out rows without a class or with several, and counts them', () => {
    const { rows, notes } = parseLabelTable('image,A,B\nx,1,0\ny,0,0\nz,1,1\n', 'l.csv', () => true);
    expect(rows).toEqual([{ path: 'x', label: 'A' }]);
    expect(notes).toEqual(['2 rows of labels with no class or with several, left out.']);
  });

  it('passes over empty labels', () => {
    expect(table('image,dx\nx,\ny,nan\nz,nv', 'x')).toEqual([{ path: 'z', label: 'nv' }]);
  });

  it.each([
    ['', 'an empty file'],
    ['a,b,c\n1,2,3\n', 'the columns a, b, c'],
    ['image,age,sex\nx,7,m\n', 'the columns age, image, sex'],
  ])('%j: refuses, naming what it found', (text, found) => {
    expect(() => table(text)).toThrow(found);
    expect(() => table(text)).toThrow(expect.objectContaining({ code: 'bad-labels' }));
  });
});

describe('findLabels', () => {
  const classes = [['akiec', 'mel', 'nv']];

  async function labelsOf(
    files: Record<string, string>,
    options: { file?: string; images?: string; classes?: string[][] } = {},
  ) {
    const { path, put } = temporaryFolder();
    for (const [name, content] of Object.entries(files)) put(name, content);
    const list = await collectSamples([join(path, options.images ?? 's')]);
    const file = options.file === undefined ? undefined : join(path, options.file);
    const { labels, source, notes } = await findLabels(list, { file, classes: options.classes ?? classes });
    return { labels: Object.fromEntries(labels), source: source?.slice(path.length + 1), notes };
  }

  it('matches names with and without endings, with folders of any machine, in any case', async () => {
    const { labels, notes } = await labelsOf(
      {
        's/a.jpg': '',
        's/b.jpg': '',
        's/c.jpg': '',
        's/D.jpg': '',
        's/e.jpg': '',
        'l.csv': 'image,dx\na,nv\nb.jpeg,nv\n../input/Training Images/c.jpg,nv\nC:\\data\\d.JPG,nv\nz,nv\n',
      },
      { file: 'l.csv' },
    );
    expect(labels).toEqual({ a: 'nv', b: 'nv', c: 'nv', D: 'nv' });
    expect(notes).toEqual(['1 label without a picture.', '1 picture without a label.']);
  });

  it('tells pictures of one name apart by the folders in the table', async () => {
    const { labels } = await labelsOf(
      { 's/nv/1.jpg': '', 's/mel/1.jpg': '', 's/x/1.jpg': '', 'l.csv': 'image,dx\nnv/1.jpg,nv\nmel/1,mel\n' },
      { file: 'l.csv' },
    );
    expect(labels).toEqual({ nv_1: 'nv', mel_1: 'mel' });
  });

  it('gives no label where the table gives two', async () => {
    const { labels, notes } = await labelsOf({ 's/a.jpg': '', 'l.csv': 'image,dx\na,nv\na,mel\n' }, { file: 'l.csv' });
    expect(labels).toEqual({});
    expect(notes[0]).toContain('gives several labels for a');
  });

  it('gives no label where a cell has several classes of the runs', async () => {
    const { labels, notes } = await labelsOf(
      { 's/a.jpg': '', 's/b.jpg': '', 'l.csv': 'image,dx\na,nv|mel\nb,nv\n' },
      { file: 'l.csv', classes: [['mel', 'nv']] },
    );
    expect(labels).toEqual({ b: 'nv' });
    expect(notes).toEqual(['1 picture with several labels, of which none was taken: a.']);
  });

  it('says that several pictures share a row', async () => {
    const { labels, notes } = await labelsOf(
      { 's/x/1.jpg': '', 's/y/1.jpg': '', 'l.csv': 'image,dx\n1,nv\n' },
      { file: 'l.csv' },
    );
    expect(labels).toEqual({ x_1: 'nv', y_1: 'nv' });
    expect(notes[0]).toContain('that several samples share');
  });

  it('does not mix up names that differ in case only', async ({ skip }) => {
    if (process.platform !== 'linux') skip('file names ignore case here');
    const { labels } = await labelsOf({ 's/a.jpg': '', 's/A.jpg': '', 'l.csv': 'image,dx\na,nv\n' }, { file: 'l.csv' });
    expect(labels).toEqual({ a: 'nv' });
  });

  it('writes classes as the runs do, keeps and names those that no run knows', async () => {
    const { labels, notes } = await labelsOf(
      { 's/a.jpg': '', 's/b.jpg': '', 'l.csv': 'image,dx\na,NV\nb,vasc\n' },
      { file: 'l.csv' },
    );
    expect(labels).toEqual({ a: 'nv', b: 'vasc' });
    expect(notes).toEqual(['Labels that no run has among its classes: vasc.']);
  });

  it('prefers equal spelling to spelling without case', async () => {
    const files = { 's/a.jpg': '', 'l.csv': 'image,dx\na,NV\n' };
    expect((await labelsOf(files, { file: 'l.csv', classes: [['nv', 'NV']] })).labels).toEqual({ a: 'NV' });
  });

  it('takes numbers for classes only where all runs number them alike', async () => {
    const files = { 's/a.jpg': '', 'l.csv': 'image,target\na,2\n' };
    expect((await labelsOf(files, { file: 'l.csv', classes: [...classes, [], ...classes] })).labels).toEqual({
      a: 'nv',
    });
    expect((await labelsOf(files, { file: 'l.csv', classes: [...classes, ['nv', 'mel', 'akiec']] })).labels).toEqual({
      a: '2',
    });
    expect((await labelsOf(files, { file: 'l.csv', classes: [['1', '2']] })).labels).toEqual({ a: '2' });
  });

  it('finds labels.csv beside the pictures, one further down first', async () => {
    const { labels, source, notes } = await labelsOf({
      's/a.jpg': '',
      's/deep/b.jpg': '',
      's/labels.csv': 'image,dx\na,nv\nb,nv\n',
      's/deep/labels.csv': 'image,dx\nb,mel\n',
    });
    expect(labels).toEqual({ a: 'nv', b: 'mel' });
    expect(source).toBe('s/deep/labels.csv');
    expect(notes.filter((note) => note.includes('found beside the pictures'))).toHaveLength(2);
  });

  it('finds labels.csv beside a picture that is named by itself', async () => {
    const { labels } = await labelsOf(
      { 's/a.jpg': '', 's/labels.csv': 'image,dx\na,nv\nb,nv\n' },
      { images: 's/a.jpg' },
    );
    expect(labels).toEqual({ a: 'nv' });
  });

  it('takes folders for labels only where all are named after classes', async () => {
    const files = { 's/nv/1.jpg': '', 's/MEL/2.jpg': '' };
    const { labels, notes } = await labelsOf(files);
    expect(labels).toEqual({ 1: 'nv', 2: 'mel' });
    expect(notes).toEqual(['Labels were taken from the folders, which are named after classes.']);
    expect((await labelsOf({ ...files, 's/3.jpg': '' })).labels).toEqual({});
  });

  it('fails for a table that is not there, and for one that is a folder', async () => {
    await expect(labelsOf({ 's/a.jpg': '' }, { file: 'none.csv' })).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(labelsOf({ 's/a.jpg': '' }, { file: 's' })).rejects.toMatchObject({ code: 'is-folder' });
  });

  it('labels the samples of the demo', async ({ skip }) => {
    const demo = join(import.meta.dirname, '../../../shared/fixtures/demo/samples');
    if (!existsSync(demo)) skip('no demo samples here');
    const list = await collectSamples([demo]);
    const { labels } = await findLabels(list, { file: undefined, classes: [] });
    expect(list.samples).toHaveLength(14);
    expect(labels.size).toBe(14);
    expect(labels.get('SYN_0013')).toBe('vasc');
  });
});
