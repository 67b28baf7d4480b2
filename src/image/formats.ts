// What a file is, told from its first bytes. Apart from the codec so that nothing native is loaded to answer it.

export interface FileLook {
  /** `a PNG picture`, `a PDF document`: fits after "found:". */
  readonly title: string;
  /** The codec reads this format. */
  readonly readable: boolean;
  /** What decodes it, where it is not sharp. */
  readonly by?: 'canvas';
  /** What to do about it where it cannot be read. */
  readonly hint?: string;
}

interface Signature extends FileLook {
  readonly matches: (bytes: Uint8Array) => boolean;
}

const convert = 'convert it to PNG or JPEG';

const signatures: readonly Signature[] = [
  { title: 'a JPEG picture', readable: true, matches: startsWith('\xff\xd8\xff') },
  { title: 'a PNG picture', readable: true, matches: startsWith('\x89PNG\r\n\x1a\n') },
  { title: 'a WebP picture', readable: true, matches: (bytes) => has(bytes, 0, 'RIFF') && has(bytes, 8, 'WEBP') },
  { title: 'a GIF picture', readable: true, matches: startsWith('GIF8') },
  { title: 'a TIFF picture', readable: true, matches: startsWith('II*\0', 'MM\0*', 'II+\0', 'MM\0+') },
  {
    title: 'an AVIF picture',
    readable: true,
    matches: (bytes) => brandsOf(bytes).some((brand) => /^avi[fs]$/.test(brand)),
  },
  {
    title: 'a HEIC picture',
    readable: false,
    hint: convert,
    matches: (bytes) => brandsOf(bytes).some((brand) => /^(he[iv][a-z]|mif1|msf1)$/.test(brand)),
  },
  { title: 'a video', readable: false, hint: 'save its frames as PNG', matches: (bytes) => brandsOf(bytes).length > 0 },
  {
    title: 'a DICOM file',
    readable: false,
    hint: 'convert it to PNG with the window that the model was trained on',
    matches: (bytes) => has(bytes, 128, 'DICM'),
  },
  { title: 'a BMP picture', readable: true, by: 'canvas', matches: (bytes) => has(bytes, 0, 'BM') && bytes[6] === 0 },
  {
    title: 'a JPEG 2000 picture',
    readable: false,
    hint: convert,
    matches: startsWith('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'),
  },
  { title: 'a JPEG XL picture', readable: false, hint: convert, matches: startsWith('\0\0\0\x0cJXL ', '\xff\x0a') },
  { title: 'a PDF document', readable: false, hint: 'export the picture in it as PNG', matches: startsWith('%PDF') },
  { title: 'a NumPy array', readable: false, hint: 'save it as PNG', matches: startsWith('\x93NUMPY') },
  { title: 'a ZIP archive', readable: false, hint: 'unpack it', matches: startsWith('PK\x03\x04') },
  { title: 'a gzip archive', readable: false, hint: 'unpack it', matches: startsWith('\x1f\x8b') },
  {
    title: 'a Git LFS pointer instead of the file itself',
    readable: false,
    hint: 'run `git lfs pull` in its repository',
    matches: startsWith('version https://git-lfs'),
  },
  {
    title: 'an SVG drawing',
    readable: false,
    hint: 'export it as PNG',
    matches: (bytes) => /^\s*<[^]*<?svg[\s>]/.test(asText(bytes)),
  },
  {
    title: 'an HTML page',
    readable: false,
    hint: 'download the picture itself',
    matches: (bytes) => /^\s*<(!doctype )?html/i.test(asText(bytes)),
  },
  { title: 'text', readable: false, matches: (bytes) => isText(bytes) },
];

/** What `bytes`, the start of a file or all of it, look like; null where they look like nothing we know. */
export function lookAt(bytes: Uint8Array): FileLook | null {
  return signatures.find((signature) => signature.matches(bytes)) ?? null;
}

function startsWith(...starts: string[]): (bytes: Uint8Array) => boolean {
  return (bytes) => starts.some((start) => has(bytes, 0, start));
}

/** Whether the Latin-1 characters of `text` stand at `offset`. */
function has(bytes: Uint8Array, offset: number, text: string): boolean {
  if (bytes.length < offset + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The brands in the `ftyp` box of ISO media files (ISO/IEC 14496-12, 4.3), the major one first; none for other files. */
function brandsOf(bytes: Uint8Array): string[] {
  if (!has(bytes, 4, 'ftyp')) return [];
  const size = Math.min(bytes.length, new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0), 256);
  const brands = [];
  // At 12 stands the minor version, a number.
  for (let at = 8; at + 4 <= size; at += at === 8 ? 8 : 4)
    brands.push(Buffer.from(bytes.subarray(at, at + 4)).toString('latin1'));
  return brands;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 512)).toString('utf8');
}

/** Valid UTF-8 without control characters; a character may be cut where only the start of the file is looked at. */
function isText(bytes: Uint8Array): boolean {
  const start = bytes.length > 512 ? asText(bytes).replace(/\ufffd{1,3}$/u, '') : asText(bytes);
  return start.length > 0 && !/[^\P{Cc}\t\n\r\f]|\ufffd/u.test(start);
}
