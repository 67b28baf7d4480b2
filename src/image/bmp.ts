// Windows bitmaps: what the header says, so that too large and cut files are told before they are decoded. sharp does not
// read them; canvas does.
// Header: https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Bytes that the file has at least. */
  readonly bytes: number;
}

/** Of OS/2, with 16-bit sizes; every later one is longer. */
const CORE_HEADER = 12;
const INFO_HEADER = 40;
/** Compressions: none, run lengths of 8 and of 4 bits, masks, masks with alpha. */
const [PLAIN, RUNS_8, RUNS_4, MASKS, ALPHA_MASKS] = [0, 1, 2, 3, 6];
const BITS = [1, 2, 4, 8, 16, 24, 32];

/** What the header of a BMP file says; null where it is none that makes sense. */
export function bmpHeaderOf(file: Uint8Array): BmpHeader | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 14 + CORE_HEADER) return null;
  const [start, size] = [view.getUint32(10, true), view.getUint32(14, true)];
  const isCore = size === CORE_HEADER;
  if (!isCore && (size < INFO_HEADER || file.length < 14 + INFO_HEADER)) return null;
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  // Rows from top to bottom have a height below zero.
  const height = Math.abs(isCore ? view.getUint16(20, true) : view.getInt32(22, true));
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? PLAIN : view.getUint32(30, true);
  if (width <= 0 || height === 0 || !BITS.includes(bits)) return null;
  const rows = Math.ceil((width * bits) / 32) * 4 * height;
  if (compression === PLAIN || compression === MASKS || compression === ALPHA_MASKS)
    return { width, height, bytes: start + rows };
  const packed = compression === RUNS_8 || compression === RUNS_4 ? view.getUint32(34, true) : 0;
  return packed > 0 ? { width, height, bytes: start + packed } : null;
}
