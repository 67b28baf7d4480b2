import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numbersOf } from '../../src/graph/tensor.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { WireWriter } from '../../src/onnx/protobuf.ts';
import { GRAPH, MODEL, OPERATOR_SET, STRING_ENTRY, TENSOR } from '../../src/onnx/schema.ts';
import { saveModel } from '../../src/onnx/save.ts';
import { float32, floats, graphOf, node, noise, port } from './models.ts';

let folder = '';
/** On Windows, links need a privilege. */
const links = process.platform !== 'win32';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-external-'));
  await mkdir(join(folder, 'model', 'sub'), { recursive: true });
  await writeFile(join(folder, 'model', 'w.data'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
  await writeFile(join(folder, 'model', 'sub', 'w.data'), new Uint8Array(Float32Array.of(5, 6).buffer));
  await writeFile(join(folder, 'secret.data'), new Uint8Array(64));
  if (links) {
    await symlink(join(folder, 'secret.data'), join(folder, 'model', 'link.data'));
    await symlink('w.data', join(folder, 'model', 'inner.data'));
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** A model whose weights `w0`, `w1`, ... of two floats each lie at these places. */
function modelAt(...places: Readonly<Record<string, string>>[]): Uint8Array {
  const graph = new WireWriter();
  for (const [index, place] of places.entries()) {
    const tensor = new WireWriter();
    tensor.integer(TENSOR.dims, 2);
    tensor.integer(TENSOR.dataType, 1);
    tensor.string(TENSOR.name, `w${index}`);
    for (const [key, value] of Object.entries(place)) {
      const entry = new WireWriter();
      entry.string(STRING_ENTRY.key, key);
      entry.string(STRING_ENTRY.value, value);
      tensor.message(TENSOR.externalData, entry);
    }
    tensor.integer(TENSOR.dataLocation, 1);
    graph.message(GRAPH.initializer, tensor);
  }
  const output = new WireWriter();
  output.string(1, 'w0');
  output.append(Uint8Array.of(0x12, 4, 0x0a, 2, 0x08, 1));
  graph.message(GRAPH.output, output);
  const model = new WireWriter();
  model.message(MODEL.graph, graph);
  const set = new WireWriter();
  set.integer(OPERATOR_SET.version, 18);
  model.message(MODEL.opsetImport, set);
  return model.finish();
}

const decode = (...places: Readonly<Record<string, string>>[]) =>
  decodeModel(modelAt(...places), { folder: join(folder, 'model'), source: 'm.onnx' });
const weights = (decoded: ReturnType<typeof decode>) =>
  [...decoded.graph.constants.values()].map((constant) => [...numbersOf(constant)]);

test('weights come from the places named, places may be shared, sub-folders and inner links are fine', () => {
  const at8 = { location: 'w.data', offset: '8', length: '8' };
  const decoded = decode(
    { location: 'w.data' },
    at8,
    at8,
    { location: 'sub/w.data' },
    { location: links ? 'inner.data' : 'w.data' },
  );
  expect(weights(decoded)).toEqual([
    [1, 2],
    [3, 4],
    [3, 4],
    [5, 6],
    [1, 2],
  ]);
  expect(decoded.externalFiles.some((file) => file.endsWith(join('sub', 'w.data')))).toBe(true);
});

const refused: readonly (readonly [location: string, rest: Readonly<Record<string, string>>, message: RegExp])[] = [
  ['nope.data', {}, /nope\.data[\s\S]*no such file/i],
  ['../secret.data', {}, /inside the model's folder/],
  ['sub/../../secret.data', {}, /inside the model's folder/],
  ['..\\secret.data', {}, /inside the model's folder/],
  ['/etc/hostname', {}, /inside the model's folder/],
  ['C:\\secret.data', {}, /inside the model's folder/],
  ['', {}, /inside the model's folder/],
  ...(links ? [['link.data', {}, /a link that leaves it/] as const] : []),
  ['sub', {}, /something else|EISDIR/],
  ['w.data', { offset: '12' }, /8 bytes from byte 12 on[\s\S]*a file of 16 bytes/],
  ['w.data', { length: '4' }, /8 bytes, as its shape says[\s\S]*a length of 4/],
  ['w.data', { offset: '-1' }, /an offset and a length in bytes[\s\S]*'-1'/],
  ['w.data', { offset: '99999999999999999999' }, /an offset and a length in bytes/],
];
test.each(refused)('%s %o is refused', (location, rest, message) => {
  expect(() => decode({ location, ...rest })).toThrow(message);
  expect(() => decode({ location, ...rest })).toThrow(/weights 'w0' of 'm.onnx'/);
});

test.skipIf(!links)('a download of the hub keeps its files as links to blobs beside it', async () => {
  const hub = join(folder, 'models--a--b');
  const snapshot = join(hub, 'snapshots', '0123');
  await mkdir(snapshot, { recursive: true });
  await mkdir(join(hub, 'blobs'));
  await writeFile(join(hub, 'blobs', 'f00d'), new Uint8Array(Float32Array.of(7, 8).buffer));
  await symlink('../../blobs/f00d', join(snapshot, 'w.data'));
  await symlink(join(folder, 'secret.data'), join(snapshot, 'link.data'));
  const decodeAt = (location: string) => decodeModel(modelAt({ location }), { folder: snapshot, source: 'm.onnx' });
  expect(weights(decodeAt('w.data'))).toEqual([[7, 8]]);
  expect(() => decodeAt('link.data')).toThrow(/a link that leaves it/);
  expect(() => decodeAt('../../blobs/f00d')).toThrow(/inside the model's folder/); // only links on the disk lead there
});

test('overlapping places cannot ask for more than the file holds', () => {
  const places = ['0', '4', '8'].map((offset) => ({ location: 'w.data', offset }));
  expect(() => decode(...places)).toThrow(/tensors that overlap/);
});

test('a model in memory has no files', () => {
  expect(() => decodeModel(modelAt({ location: 'w.data' }), { folder: null, source: 'm' })).toThrow(/in memory/);
});

test('what saveModel puts beside the model is read back; a data file cut short is named', async () => {
  const graph = graphOf({
    inputs: [port('x', float32(1, 512))],
    outputs: [port('y', float32(1, 512))],
    nodes: [node('Mul', ['x', 'w'], ['h']), node('Add', ['h', 'b'], ['y'])],
    constants: new Map([
      ['w', floats([512], [...noise([512])])],
      ['b', floats([1], [3])],
    ]),
  });
  const file = join(folder, 'saved.onnx');
  await saveModel(graph, file, { limit: 100 });
  const read = async () => decodeModel(await readFile(file), { folder, source: file });
  const decoded = await read();
  expect(decoded.graph.constants).toEqual(graph.constants);
  expect(decoded.externalFiles).toHaveLength(1);
  await truncate(`${file}.data`, 2000);
  await expect(read()).rejects.toThrow(/saved\.onnx\.data'[\s\S]*a file of 2000 bytes/);
});
