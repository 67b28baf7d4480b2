// What a damaged model of each format looks like: (random, canary) -> {name, files, links?}. Good files come from test/fixtures.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { archiveBomb, below, damagedBytes, damagedJson, evilPickle, evilProtobuf, oneOf, zipOf } from './mutations.mjs';

const fixtures = new URL('../fixtures/', import.meta.url).pathname;
const read = (path) => readFileSync(join(fixtures, path));
const KERAS = ['residual', 'efficient', 'nested', 'separable', 'mixed', 'sequential'].map((name) => `keras-${name}`);
const TORCH = ['resnet', 'densenet', 'efficientnet', 'vit', 'swin', 'convnext'].map((name) => `state-${name}`);
const TINY = ['tiny-resnet', 'tiny-vit', 'tiny-densenet', 'tiny-half', 'tiny-mobilenetv3'];

/** What the Keras fixtures have of that name. */
const kerasPaths = (pattern) =>
  KERAS.flatMap((folder) =>
    readdirSync(join(fixtures, folder))
      .filter((name) => pattern.test(name))
      .map((name) => `${folder}/${name}`),
  );

const one = (name, bytes) => ({ name, files: { [name]: bytes } });

/** Members of an archive, by its directory. */
function membersOf(bytes) {
  const members = [];
  let at = bytes.readUInt32LE(bytes.length - 6);
  for (let left = bytes.readUInt16LE(bytes.length - 12); left > 0; left--) {
    const [method, packed, title, extra, comment, offset] = [
      bytes.readUInt16LE(at + 10),
      bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
      bytes.readUInt32LE(at + 42),
    ];
    const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    const data = bytes.subarray(start, start + packed);
    members.push({
      name: bytes.toString('utf8', at + 46, at + 46 + title),
      bytes: method === 8 ? inflateRawSync(data) : data,
    });
    at += 46 + title + extra + comment;
  }
  return members;
}

const replaced = (members, pattern, change) =>
  members.map((member) => (pattern.test(member.name) ? { ...member, bytes: change(member.bytes) } : member));
const asText = (change) => (bytes, random) => Buffer.from(change(Buffer.from(bytes).toString('utf8'), random));
const jsonDamage = asText(damagedJson);

/** A folder with a model.json in it; the manifest may name files elsewhere. */
function folderCase(folder, random) {
  const files = Object.fromEntries(
    readdirSync(join(fixtures, folder)).map((name) => [name, read(`${folder}/${name}`)]),
  );
  const shard = Object.keys(files).find((name) => name !== 'model.json');
  const kind = random();
  if (kind < 0.6)
    return { name: 'model.json', files: { ...files, 'model.json': jsonDamage(files['model.json'], random) } };
  if (kind < 0.75)
    return { name: 'model.json', files: { ...files, 'model.json': damagedBytes(files['model.json'], random) } };
  if (kind < 0.9) return { name: 'model.json', files: { ...files, [shard]: damagedBytes(files[shard], random) } };
  return outside('model.json', files, shard, random, (text, path) => text.replaceAll(shard, path));
}

/** The weights lie outside the folder, where they would load: reached by a path or a link, they must be refused. */
function outside(name, files, weights, random, rename) {
  const kind = below(random, 5);
  const path = ['../outside/weights.bin', '../../../../../../etc/passwd', '/dev/zero', 'link.bin', 'link.bin'][kind];
  const { [weights]: moved, ...rest } = files;
  const text = Buffer.from(rest[name]).toString('latin1');
  return {
    name,
    files: { ...rest, [name]: Buffer.from(rename(text, path), 'latin1') },
    outside: { 'weights.bin': moved },
    links: kind >= 3 ? { 'link.bin': kind === 3 ? '../outside/weights.bin' : '/dev/zero' } : {},
    mustFail: true,
  };
}

/** A string of an ONNX file changed together with its length: one byte in front of it. */
function renameInProtobuf(text, from, to) {
  const old = String.fromCharCode(from.length) + from;
  return text.replaceAll(old, String.fromCharCode(to.length) + to);
}

export const cases = {
  onnx(random) {
    const folder = oneOf(random, TINY);
    const names = readdirSync(join(fixtures, folder)).filter(
      (name) => name.endsWith('.onnx') && !name.includes('external'),
    );
    const bytes = read(`${folder}/${oneOf(random, names)}`);
    return one('model.onnx', random() < 0.9 ? damagedBytes(bytes, random) : evilProtobuf(bytes, random));
  },
  'onnx, external data'(random) {
    const files = {
      'model.onnx': read('tiny-resnet/dynamo-external.onnx'),
      'dynamo-external.onnx.data': read('tiny-resnet/dynamo-external.onnx.data'),
    };
    const kind = random();
    const data = 'dynamo-external.onnx.data';
    if (kind < 0.5)
      return { name: 'model.onnx', files: { ...files, 'model.onnx': damagedBytes(files['model.onnx'], random) } };
    if (kind < 0.75) return { name: 'model.onnx', files: { ...files, [data]: damagedBytes(files[data], random) } };
    return outside('model.onnx', files, data, random, (text, path) => renameInProtobuf(text, data, path));
  },
  'layers model': (random) => folderCase(oneOf(random, kerasPaths(/^layers(-keras3)?$/)), random),
  'graph model': (random) => folderCase(`${oneOf(random, KERAS)}/graph`, random),
  'saved model'(random) {
    const folder = oneOf(random, [
      'keras-residual/saved-model',
      'keras-residual/saved-model-keras3',
      'keras-nested/saved-model',
    ]);
    const names = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];
    const files = Object.fromEntries(names.map((name) => [name, read(`${folder}/${name}`)]));
    const victim = random() < 0.6 ? names[0] : oneOf(random, names);
    const bytes = files[victim];
    return {
      name: 'saved_model.pb',
      files: { ...files, [victim]: random() < 0.9 ? damagedBytes(bytes, random) : evilProtobuf(bytes, random) },
    };
  },
  'frozen graph': (random) =>
    one('frozen_graph.pb', damagedBytes(read('keras-residual/frozen/frozen_graph.pb'), random)),
  keras(random) {
    const bytes = read(oneOf(random, kerasPaths(/\.keras$/)));
    const members = membersOf(bytes);
    const kind = random();
    if (kind < 0.25) return one('model.keras', damagedBytes(bytes, random));
    if (kind < 0.6)
      return one('model.keras', zipOf(replaced(members, /config\.json$/, (text) => jsonDamage(text, random))));
    if (kind < 0.85)
      return one('model.keras', zipOf(replaced(members, /\.h5$/, (weights) => damagedBytes(weights, random))));
    return one('model.keras', archiveBomb(members, random));
  },
  h5: (random) => one('model.h5', damagedBytes(read(oneOf(random, kerasPaths(/^keras[23]\.h5$/))), random)),
  safetensors(random) {
    const bytes = read(`${oneOf(random, TORCH)}/state.safetensors`);
    if (random() < 0.4) return one('model.safetensors', damagedBytes(bytes, random));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = jsonDamage(bytes.subarray(8, 8 + length), random);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    return one('model.safetensors', Buffer.concat([size, header, bytes.subarray(8 + length)]));
  },
  'pth, zip'(random, canary) {
    const bytes = read(
      `state-forms/${oneOf(random, ['plain.pth', 'strided.pth', 'checkpoint.pth.tar', 'lightning.ckpt', 'averaged.pth', 'whole.pt', 'half.pth'])}`,
    );
    const members = membersOf(bytes);
    const kind = random();
    if (kind < 0.3) return one('model.pth', damagedBytes(bytes, random));
    if (kind < 0.7)
      return one('model.pth', zipOf(replaced(members, /data\.pkl$/, (pickle) => damagedBytes(pickle, random))));
    if (kind < 0.85) return one('model.pth', zipOf(replaced(members, /data\.pkl$/, () => evilPickle(canary, random))));
    return one('model.pth', archiveBomb(members, random));
  },
  'pth, legacy'(random, canary) {
    const bytes = read('state-forms/legacy.pth');
    if (random() < 0.8) return one('model.pth', damagedBytes(bytes, random));
    // The magic number and version stand in front; then the pickle of whoever wrote the file.
    const head = Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00.', 'latin1');
    return one('model.pth', Buffer.concat([head, evilPickle(canary, random)]));
  },
};
