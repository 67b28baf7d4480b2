import { describe, expect, it } from 'vitest';
import { lookAt } from '../../src/image/formats.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const ftyp = (...brands: string[]) =>
  Buffer.concat([
    Uint8Array.of(0, 0, 0, 12 + 4 * brands.length),
    latin1(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`),
  ]);

describe('lookAt', () => {
  it.each([
    ['a JPEG picture', latin1('\xff\xd8\xff\xe0')],
    ['a PNG picture', latin1('\x89PNG\r\n\x1a\n')],
    ['a GIF picture', latin1('GIF89a')],
    ['a WebP picture', latin1('RIFF\x10\0\0\0WEBPVP8 ')],
    ['a TIFF picture', latin1('II*\0')],
    ['a TIFF picture', latin1('MM\0*')],
    ['an AVIF picture', ftyp('avif', 'mif1')],
    ['an AVIF picture', ftyp('mif1', 'miaf', 'avif')],
    ['a BMP picture', latin1('BM\x46\0\0\0\0\0\0\0')],
  ])('%s can be read', (title, bytes) => {
    expect(lookAt(bytes)).toMatchObject({ title, readable: true });
  });

  it.each([
    ['a HEIC picture', ftyp('heic', 'mif1')],
    ['a video', ftyp('isom', 'mp42')],
    ['a DICOM file', Buffer.concat([Buffer.alloc(128), latin1('DICM')])],
    ['a JPEG 2000 picture', latin1('\0\0\0\x0cjP  \r\n')],
    ['a JPEG XL picture', latin1('\xff\x0a\0')],
    ['a PDF document', latin1('%PDF-1.7')],
    ['a NumPy array', latin1('\x93NUMPY\x01\0')],
    ['a ZIP archive', latin1('PK\x03\x04')],
    ['a Git LFS pointer instead of the file itself', latin1('version https://git-lfs.github.com/spec/v1\n')],
    ['an SVG drawing', latin1('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['an HTML page', latin1('\n<!DOCTYPE html><html>')],
    ['text', latin1('id,label\n1,nv\n')],
    ['text', Buffer.from('né à l’œuvre')],
  ])('%s cannot', (title, bytes) => {
    expect(lookAt(bytes)).toMatchObject({ title, readable: false });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', latin1('\xff')],
    ['zeros', Buffer.alloc(300)],
    ['noise', Uint8Array.from({ length: 300 }, (_, i) => (i * i * 37 + 11) & 255)],
    ['a sound that is RIFF too', latin1('RIFF\x10\0\0\0WAVEfmt ')],
  ])('%s looks like nothing', (_, bytes) => {
    expect(lookAt(bytes)).toBeNull();
  });

  it('a character cut at the end of the first bytes is text still', () => {
    expect(lookAt(Buffer.from(`${'a'.repeat(511)}é and more`))?.title).toBe('text');
  });
});
