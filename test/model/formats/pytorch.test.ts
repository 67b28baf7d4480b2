import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pytorch } from '../../../src/model/formats/pytorch.ts';
import { withZip } from '../../../src/model/zip.ts';
import { fixtures } from '../torch/logits.ts';
import { damagedBytes, randomFrom } from './damage.ts';
import { attempt, peakMemory, refusal } from './loading.ts';
import { zipOf, type Member } from './zip-writer.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-pytorch-'));
});
afterAll(() => rm(folder, { recursive: true }));

const name = 'model.pth';
const forms = `${fixtures}state-forms/`;
const refused = async (bytes: Uint8Array, raw: Readonly<Record<string, unknown>> = {}) =>
  refusal(pytorch, { folder, name, bytes, run: { raw } });

/** A checkpoint whose pickle is given, with one storage of 16 bytes under the key 0. */
const checkpoint = (pickle: string, ...others: Member[]): Buffer =>
  zipOf([
    { name: 'model/data.pkl', bytes: Buffer.from(pickle, 'latin1') },
    { name: 'model/data/0', bytes: Buffer.alloc(16) },
    ...others,
  ]);

/** {"a": a tensor of storage `key` with these numbers}. */
const tensorPickle = (key: string, elements: number, offset: number, shape: string, strides: string): string =>
  `(dS'a'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'${key}'\nS'cpu'\nI${elements}\ntQI${offset}\n${shape}${strides}I00\nNtRs.`;

describe('what is no checkpoint is refused by what it is', () => {
  test.each([
    ['an empty file', Buffer.alloc(0), 'no-checkpoint', 'an empty file'],
    ['a text', Buffer.from('hello'), 'no-checkpoint', '68 65 6c 6c 6f'],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'no-checkpoint', 'git lfs pull'],
    ['another archive', zipOf([{ name: 'mimetype', bytes: Buffer.from('x') }]), 'no-checkpoint', 'mimetype'],
    ['a plain pickle', Buffer.from('\x80\x02K\x01.', 'latin1'), 'no-checkpoint', 'magic number'],
    ['no archive after all', Buffer.from('PK\x03\x04 and so on'), 'zip-damaged', 'no directory'],
    ['TorchScript', checkpoint('N.', { name: 'model/constants.pkl', bytes: Buffer.from('N.') }), 'torchscript', 'ONNX'],
    [
      'big-endian numbers',
      checkpoint('N.', { name: 'model/byteorder', bytes: Buffer.from('big') }),
      'checkpoint-damaged',
      'big-endian',
    ],
    ['no weights', checkpoint("(dS'epoch'\nI3\ns."), 'no-state-dict', 'epoch'],
    ['a number', checkpoint('I3\n.'), 'no-state-dict', 'no dict of tensors'],
  ])('%s', async (_, bytes, code, words) => {
    const error = await refused(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

describe('tensors that cannot be', () => {
  test.each([
    ['beyond their storage', tensorPickle('0', 4, 1, '(I4\nt', '(I1\nt'), 'a tensor within its storage of 4 elements'],
    ['with strides beyond their storage', tensorPickle('0', 4, 0, '(I2\nI2\nt', '(I4\nI1\nt'), 'within its storage'],
    ['with negative strides', tensorPickle('0', 4, 3, '(I4\nt', '(I-1\nt'), 'within its storage'],
    ['of absurd size', tensorPickle('0', 4, 0, '(I9007199254740991\nt', '(I1\nt'), 'within its storage'],
    ['of more strides than axes', tensorPickle('0', 4, 0, '(I2\nt', '(I1\nI1\nt'), 'within its storage'],
    ['in a storage of words', tensorPickle('0', 4, 0, "S'x'\n", '(I1\nt'), 'a shape and strides'],
  ])('%s', async (_, pickle, words) => {
    const error = await refused(checkpoint(pickle));
    expect(error.code).toBe('checkpoint-damaged');
    expect(error.message).toContain(words);
  });
});

describe('storages are looked for in the archive only', () => {
  /** A network of which one weight's storage is another. */
  async function withStorage(key: string, ...others: Member[]): Promise<Buffer> {
    const { members, pickle } = await partsOf('plain.pth');
    const text = pickle.toString('latin1');
    // The key of the first storage, "0", as the pickle has it: SHORT length and text.
    const changed = text.replace('X\x01\x00\x00\x000', `X${String.fromCharCode(key.length)}\x00\x00\x00${key}`);
    expect(changed).not.toBe(text);
    return zipOf([...members, { name: 'plain/data.pkl', bytes: Buffer.from(changed, 'latin1') }, ...others]);
  }

  test.each(['../../../etc/passwd', '/etc/passwd', '..\\..\\secret'])('%s', async (key) => {
    const error = await refused(await withStorage(key));
    expect(error.code).toBe('checkpoint-damaged');
    expect(error.message).toContain('no such member');
  });

  test('a compressed one, or one too short, is refused', async () => {
    const long = Buffer.alloc(100_000);
    expect(
      (await refused(await withStorage('x', { name: 'plain/data/x', bytes: long, deflate: true }))).message,
    ).toContain('compressed');
    expect(
      (await refused(await withStorage('x', { name: 'plain/data/x', bytes: long.subarray(0, 8) }))).message,
    ).toContain('bytes of plain/data/x');
  });
});

describe('bombs', () => {
  test('a pickle that unpacks to very much', async () => {
    const memory = peakMemory();
    const bomb = zipOf([{ name: 'a/data.pkl', bytes: Buffer.alloc(300 * 2 ** 20, 'N'), deflate: true }]);
    const before = performance.now();
    expect((await refused(bomb)).code).toBe('zip-damaged');
    expect(performance.now() - before).toBeLessThan(1000);
    expect(peakMemory() - memory).toBeLessThan(1000);
  });

  test('containers named again and again', async () => {
    // Ten lists, each holding the one before ten times: 10^10 elements if anyone counted.
    const levels = Array.from(
      { length: 10 },
      (_, level) => `(${level === 0 ? 'N' : `g${level - 1}\n`.repeat(10)}lp${level}\n0`,
    );
    expect((await refused(checkpoint(`${levels.join('')}g9\n.`))).code).toBe('no-state-dict');
  });

  test('a tensor that repeats its storage without end', async () => {
    const pickle = tensorPickle('0', 4, 0, '(I1000000\nI1000000\nt', '(I0\nI0\nt');
    expect((await refused(checkpoint(pickle))).code).toBe('unknown-architecture');
  });
});

test('a pickle that calls something is refused by the name of it', async () => {
  const error = await refused(checkpoint("(dS'state_dict'\ncos\nsystem\n(S'touch /tmp/gradcam-was-here'\ntRs."));
  expect(error.code).toBe('checkpoint-unsafe');
  expect(error.message).toContain('os.system');
});

describe('run.json names the weights', () => {
  const load = async (weights: string) =>
    attempt(pytorch, { folder, name, bytes: await readFile(`${forms}averaged.pth`), run: { raw: { weights } } });

  test('by the key they are under', async () => {
    expect(await load('model_ema')).toBe('model');
  });

  test('a key that is not there is told, with those that are', async () => {
    const error = await load('model_emma');
    expect(error).toMatchObject({ code: 'unknown-weights' });
    expect((error as Error).message).toContain('"model_ema"');
  });
});

/** Members of a fixture's archive but its pickle, and the pickle. */
async function partsOf(file: string): Promise<{ members: Member[]; pickle: Buffer }> {
  return withZip(forms + file, async (zip) => {
    const all = await Promise.all(
      [...zip.members.values()].map(async (member) => ({ name: member.name, bytes: await zip.read(member, 2 ** 20) })),
    );
    const isPickle = ({ name: title }: Member): boolean => title.endsWith('data.pkl');
    return { members: all.filter((member) => !isPickle(member)), pickle: Buffer.from(all.find(isPickle)!.bytes) };
  });
}

test('300 damaged files: a model or a clear error, soon, in little memory', async () => {
  const archive = await readFile(`${forms}plain.pth`);
  const legacy = await readFile(`${forms}legacy.pth`);
  const { members, pickle } = await partsOf('plain.pth');
  const rebuilt = (bytes: Uint8Array): Buffer => zipOf([{ name: 'plain/data.pkl', bytes }, ...members]);
  expect(await attempt(pytorch, { folder, name, bytes: rebuilt(pickle) })).toBe('model');
  const random = randomFrom(23);
  const counts = { model: 0, error: 0 };
  const [start, memory] = [performance.now(), peakMemory()];
  for (let index = 0; index < 300; index++) {
    const kinds = [
      () => damagedBytes(archive, random),
      () => damagedBytes(legacy, random),
      () => rebuilt(damagedBytes(pickle, random)),
    ];
    const result = await attempt(pytorch, { folder, name, bytes: kinds[index % 3]!() });
    counts[result === 'model' ? 'model' : 'error']++;
  }
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(peakMemory() - memory).toBeLessThan(500);
  // Both happen, or the damage was too weak or too strong to say anything.
  expect(counts.model).toBeGreaterThan(10);
  expect(counts.error).toBeGreaterThan(100);
});
