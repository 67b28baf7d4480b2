// Files of torch.save: the zip archives of PyTorch 1.6 and later, and the sequences of pickles before. In: an open file; out:
// the pickled value, tensors as descriptions, and where their storages lie.
import { GradcamError } from '../../lib/errors.ts';
import type { FileReader } from '../reader.ts';
import { readZip, type Zip } from '../zip.ts';
import { callGlobal, makeObject } from './pickle-globals.ts';
import { unpickle, type PickleContext, type Unpickled } from './pickle.ts';
import { PickledGlobal, type Pickled } from './pickle-values.ts';
import { elementTypeOfStorage, StoredData } from './stored-tensor.ts';
import type { Place } from '../places.ts';
import type { TensorFile } from './tensor-file.ts';

export interface Checkpoint {
  readonly value: Pickled;
  readonly placeOf: TensorFile['placeOf'];
}

/** Pickles hold descriptions only, some hundred bytes per tensor. */
const MAX_PICKLE = 256 * 2 ** 20;
const FIRST_WINDOW = 2 ** 20;
/** The number that old checkpoints start with, pickled. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/** Reads a checkpoint's description. Throws GradcamError. */
export async function readCheckpoint(file: FileReader): Promise<Checkpoint> {
  const head = await file.read(0, Math.min(file.size, 512));
  if (head[0] === 0x50 && head[1] === 0x4b) return readArchive(file);
  if (head[0] === 0x80) return readLegacy(file);
  throw notACheckpoint(file.path, head);
}

async function readArchive(file: FileReader): Promise<Checkpoint> {
  const zip = await readZip(file);
  const names = [...zip.members.keys()];
  const pickle = names.find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined)
    throw names.some(isExported) ? exportedProgram(file.path) : foreignArchive(file.path, names);
  const root = pickle.slice(0, -'data.pkl'.length);
  if (names.some((name) => name.startsWith(`${root}code/`)) || zip.members.has(`${root}constants.pkl`)) {
    throw torchScript(file.path);
  }
  await refuseBigEndian(zip, root, file.path);
  const bytes = await zip.read(zip.members.get(pickle)!, MAX_PICKLE);
  const { value } = unpickle(bytes, contextOf(file.path));
  return { value, placeOf: (data) => placeInArchive(zip, `${root}data/${data.key}`, data, file.path) };
}

function placeInArchive(zip: Zip, name: string, data: StoredData, path: string): Place {
  const member = zip.members.get(name);
  if (member === undefined) throw withoutData(path, name, 'no such member');
  if (member.method !== 0 || member.encrypted) throw withoutData(path, name, 'a compressed member');
  if (member.packedSize < data.length)
    throw withoutData(path, `${data.length} bytes of ${name}`, `${member.packedSize}`);
  return { offset: zip.locate(member), length: data.length };
}

async function refuseBigEndian(zip: Zip, root: string, path: string): Promise<void> {
  const member = zip.members.get(`${root}byteorder`);
  if (member === undefined || new TextDecoder().decode(await zip.read(member, 64)) !== 'big') return;
  throw withoutData(path, 'little-endian numbers', 'big-endian ones');
}

/** Pickles one after the other: magic number, version, system, value, keys of the storages; then the storages. */
async function readLegacy(file: FileReader): Promise<Checkpoint> {
  const storages = new Map<string, StoredData>();
  const context = contextOf(file.path, storages);
  const magic = await pickleAt(file, 0, context);
  if (magic.value !== MAGIC) throw barePickle(file.path);
  let at = magic.length;
  for (let skipped = 0; skipped < 2; skipped++) at += (await pickleAt(file, at, context)).length;
  const content = await pickleAt(file, at, context);
  const keys = await pickleAt(file, at + content.length, context);
  at += content.length + keys.length;
  const places = new Map<string, Place>();
  for (const key of Array.isArray(keys.value) ? keys.value : []) {
    const data = isKey(key) ? storages.get(String(key)) : undefined;
    if (data === undefined) throw withoutData(file.path, 'storages that tensors use', 'another one');
    const count = new DataView((await file.read(at, 8)).buffer).getBigUint64(0, true);
    if (count !== BigInt(data.elements)) {
      throw withoutData(file.path, `${data.elements} elements of storage ${data.key}`, `${count}`);
    }
    places.set(data.key, { offset: at + 8, length: data.length });
    at += 8 + data.length;
  }
  return {
    value: content.value,
    placeOf: (data) => {
      const place = places.get(data.key);
      if (place === undefined) throw withoutData(file.path, `storage ${data.key}`, 'none of that key');
      return place;
    },
  };
}

/** The pickle that starts at a byte of the file, whose length nothing tells. */
async function pickleAt(file: FileReader, at: number, context: PickleContext): Promise<Unpickled> {
  for (let window = FIRST_WINDOW; ; window *= 8) {
    const length = Math.min(window, file.size - at);
    try {
      return unpickle(await file.read(at, length), context);
    } catch (error) {
      const isCut = error instanceof GradcamError && error.code === 'pickle-truncated';
      if (!isCut || length === file.size - at || window >= MAX_PICKLE) throw error;
    }
  }
}

function contextOf(path: string, storages = new Map<string, StoredData>()): PickleContext {
  return {
    path,
    call: (global, args) => callGlobal(global, args, path),
    make: (global, args) => makeObject(global, args, path),
    persistent: (id) => persistent(id, storages, path),
  };
}

/**
 * ('storage', class, key, device, elements), or ('module', class, source file, source) for the classes of whole networks.
 * Old files put a sixth thing after the elements, for storages that are part of another: (key, offset, elements).
 */
function persistent(id: Pickled, storages: Map<string, StoredData>, path: string): Pickled {
  const [kind, cls, key, , elements, part] = Array.isArray(id) ? id : [];
  if (kind === 'module' && cls instanceof PickledGlobal) return cls;
  const type = cls instanceof PickledGlobal ? elementTypeOfStorage(cls.name) : undefined;
  const isWhole = !Array.isArray(part) || part[1] === 0;
  const isKnown = kind === 'storage' && type !== undefined && isKey(key) && isWhole;
  if (!isKnown || typeof elements !== 'number' || !Number.isSafeInteger(elements * type.width) || elements < 0) {
    throw withoutData(path, "a storage ('storage', class, key, device, elements)", 'something else');
  }
  const known = storages.get(String(key));
  if (known !== undefined) return known;
  const data = new StoredData(String(key), type, elements);
  storages.set(data.key, data);
  return data;
}

const isKey = (value: Pickled | undefined): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

const SAVE_AGAIN = "Save the weights with torch.save(model.state_dict(), 'model.pth'), or export the model as ONNX.";

function withoutData(path: string, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'checkpoint-damaged',
    what: `${path}: the data of its tensors cannot be read.`,
    expected,
    found,
    hint: 'The file may be damaged: copy it again, or save the weights again with torch.save.',
  });
}

const torchScript = (path: string): GradcamError =>
  program(path, { code: 'torchscript', kind: 'TorchScript program', load: 'torch.jit.load(path)' });

const exportedProgram = (path: string): GradcamError =>
  program(path, { code: 'torch-export', kind: 'program of torch.export', load: 'torch.export.load(path).module()' });

/** Whether a member is the description of a program of torch.export, in either of its layouts. */
const isExported = (name: string): boolean => /(^|\/)(models\/[^/]+|serialized_exported_program)\.json$/.test(name);

function program(path: string, { code, kind, load }: { code: string; kind: string; load: string }): GradcamError {
  return new GradcamError({
    code,
    what: `${path} is a ${kind}, which only PyTorch can run.`,
    expected: 'weights saved with torch.save(model.state_dict(), ...), or the model as ONNX',
    hint: `In Python: m = ${load}; torch.save(m.state_dict(), 'model.pth'), or torch.onnx.export(m, ...).`,
  });
}

function foreignArchive(path: string, names: readonly string[]): GradcamError {
  return new GradcamError({
    code: 'no-checkpoint',
    what: `${path} is a zip archive, but not one of torch.save.`,
    expected: 'a member data.pkl',
    found: names.slice(0, 5).join(', ') || 'an empty archive',
    hint: SAVE_AGAIN,
  });
}

function barePickle(path: string): GradcamError {
  return new GradcamError({
    code: 'no-checkpoint',
    what: `${path} is a pickle, but not one of torch.save.`,
    expected: "a checkpoint of PyTorch, which starts with PyTorch's magic number",
    hint: SAVE_AGAIN,
  });
}

function notACheckpoint(path: string, head: Uint8Array): GradcamError {
  const text = new TextDecoder('latin1').decode(head);
  const start = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  let found = head.length === 0 ? 'an empty file' : `a file that starts with bytes ${start}`;
  if (text.startsWith('version https://git-lfs')) found = 'a Git LFS pointer: run git lfs pull';
  if (text.slice(257, 262) === 'ustar') found = 'a tar archive, as PyTorch wrote before version 0.1.10';
  return new GradcamError({
    code: 'no-checkpoint',
    what: `${path} is not a checkpoint of PyTorch.`,
    expected: 'a file written by torch.save',
    found,
    hint: SAVE_AGAIN,
  });
}
