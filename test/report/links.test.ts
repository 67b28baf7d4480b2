import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataUri, fileUrl } from '../../src/report/links.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-links-'));
  await writeFile(join(folder, 'a.png'), Buffer.from([1, 2, 3]));
  await writeFile(join(folder, 'a.svg'), '<svg/>');
});
afterAll(() => rm(folder, { recursive: true }));

describe('fileUrl', () => {
  it('encodes what URLs give a meaning to and leads back to the same file', () => {
    const name = `pictures/a b#c?d%20e&f:g;h'i"j<k>é日😀(1)!*.png`;
    const url = fileUrl(name) ?? '';
    expect(url).toMatch(/^pictures\/[\w.%~-]+$/);
    expect(decodeURIComponent(new URL(url, pathToFileURL(`${folder}/`)).pathname)).toBe(`${folder}/${name}`);
  });

  it('survives a lone surrogate, and refuses paths out of the folder', () => {
    expect(fileUrl('a\ud800.png')).toBe('a%EF%BF%BD.png');
    expect(['../x.png', 'a/../../x.png', '/etc/x.png', 'C:\\x.png', 'a\\..\\x.png', ''].map(fileUrl)).toEqual(
      Array(6).fill(null),
    );
    expect(fileUrl('javascript:alert(1)')).toBe('javascript%3Aalert%281%29');
  });
});

describe('dataUri', () => {
  it('holds the bytes with their type, and is null for what it may not or cannot show', async () => {
    expect(await dataUri(folder, 'a.png')).toBe('data:image/png;base64,AQID');
    expect(await dataUri(folder, 'missing.png')).toBeNull();
    expect(await dataUri(folder, 'a.svg')).toBeNull();
    expect(await dataUri(join(folder, 'sub'), '../a.png')).toBeNull();
  });
});
