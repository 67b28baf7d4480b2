import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fileUrl } from '../../src/report/links.ts';

const folder = '/some/folder';

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
