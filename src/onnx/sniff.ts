// The first bytes of a file that is no ONNX model in, what it looks like out: for the error message.

export interface Sniffed {
  /** What the file looks like. */
  readonly found: string;
  readonly hint: string;
}

const SIGNATURES: readonly (readonly [signature: string, offset: number, Sniffed])[] = [
  [
    'version https://git-lfs',
    0,
    { found: 'a Git LFS pointer, not the model itself', hint: 'Fetch the file with `git lfs pull`.' },
  ],
  ['PK\u0003\u0004', 0, { found: 'a ZIP archive', hint: 'Give it its own ending (.keras, .pth, .pt), or unpack it.' }],
  ['\u0089HDF', 0, { found: 'an HDF5 file', hint: 'Give it the ending .h5 or .hdf5.' }],
  ['ORTM', 4, { found: "a model in ONNX Runtime's own format (.ort)", hint: 'Use the .onnx file it was made from.' }],
];

/** What else the bytes may be, or null where they do not look like anything known. */
export function sniff(bytes: Uint8Array): Sniffed | null {
  if (bytes.length === 0) return { found: 'an empty file', hint: 'Copy or export it again.' };
  const head = String.fromCharCode(...bytes.subarray(0, 512));
  for (const [signature, offset, sniffed] of SIGNATURES) {
    if (head.startsWith(signature, offset)) return sniffed;
  }
  const isText = !/[^\t\n\r -~\u0080-\u00ff]/.test(head);
  if (!isText) return null;
  const line = head.split(/[\r\n]/, 1)[0] ?? '';
  return { found: `text: '${line.slice(0, 60)}'`, hint: 'Check that the download gave the model and not a web page.' };
}
