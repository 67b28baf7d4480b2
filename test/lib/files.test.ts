import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GradcamError } from '../../src/lib/errors.ts';
import {
  cleanTemporaryFiles,
  fileError,
  readInto,
  readWhole,
  removeLeftovers,
  requireWritableFolder,
  writeFileAtomic,
  writeFileAtomicSync,
} from '../../src/lib/files.ts';
import { temporaryFolder } from './temporary-folder.ts';

const isRoot = process.getuid?.() === 0;

async function failureOf(promise: Promise<unknown>): Promise<GradcamError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GradcamError)) throw new Error(`expected a GradcamError, got ${String(error)}`);
  return error;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code, syscall: 'write', errno: -1 });
}

describe('writeFileAtomicSync', () => {
  it('creates folders, replaces what was there, leaves nothing else', () => {
    const { path } = temporaryFolder();
    const file = join(path, 'maps/a b/<x>.npy');
    writeFileAtomicSync(file, 'old');
    writeFileAtomicSync(file, new Uint8Array([110, 101, 119]));
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(join(path, 'maps/a b'))).toEqual(['<x>.npy']);
  });

  it('names the file that stands where a folder should be, and leaves it', () => {
    const { path } = temporaryFolder();
    writeFileSync(join(path, 'maps'), '');
    expect(() => writeFileAtomicSync(join(path, 'maps/a.npy'), 'x')).toThrow(/maps is a file, not a folder/);
    expect(readdirSync(path)).toEqual(['maps']);
  });
});

describe('writeFileAtomic', () => {
  it('creates folders, replaces what was there, leaves nothing else', async () => {
    const { path } = temporaryFolder();
    const file = join(path, 'maps/a b/<x>.npy');
    await writeFileAtomic(file, 'old');
    await writeFileAtomic(file, new Uint8Array([110, 101, 119]));
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(join(path, 'maps/a b'))).toEqual(['<x>.npy']);
  });

  it('writes many files of one folder at once', async () => {
    const { path } = temporaryFolder();
    await Promise.all(Array.from({ length: 50 }, (_, i) => writeFileAtomic(join(path, 'deep/er', `${i}`), String(i))));
    expect(readdirSync(join(path, 'deep/er'))).toHaveLength(50);
    expect(readFileSync(join(path, 'deep/er/49'), 'utf8')).toBe('49');
  });

  it('names the file that stands where a folder should be', async () => {
    const { path, put } = temporaryFolder();
    put('out', 'a file');
    const error = await failureOf(writeFileAtomic(join(path, 'out/maps/a.npy'), ''));
    expect(error.code).toBe('not-a-folder');
    expect(error.message).toContain(`${join(path, 'out')} is a file`);
  });

  it('refuses to replace a folder and removes its temporary file', async () => {
    const { path } = temporaryFolder();
    mkdirSync(join(path, 'taken/inner'), { recursive: true });
    const error = await failureOf(writeFileAtomic(join(path, 'taken'), 'x'));
    expect(error.code).toBe(process.platform === 'win32' ? 'no-permission' : 'is-folder');
    expect(readdirSync(path)).toEqual(['taken']);
  });

  it.skipIf(isRoot || process.platform === 'win32')('says when permission is denied', async () => {
    const { path } = temporaryFolder();
    chmodSync(path, 0o500);
    expect((await failureOf(writeFileAtomic(join(path, 'a'), ''))).code).toBe('no-permission');
  });

  it('says that the disk is full', () => {
    // /dev/full answers every write with ENOSPC; a rename cannot go through it, so the error is made by hand.
    const error = fileError(systemError('ENOSPC'), 'out/report.json', 'write');
    expect(error.message).toContain('cannot write out/report.json: the disk is full');
    expect(error.message).toContain('--out');
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe('fileError', () => {
  it.each([
    ['EROFS', 'read-only'],
    ['EACCES', 'no-permission'],
    ['ENOENT', 'no-such-file'],
    ['ENAMETOOLONG', 'name-too-long'],
    ['EMFILE', 'too-many-files'],
    ['EIO', 'file-failed'],
  ])('%s becomes %s and names the path', (system, code) => {
    const error = fileError(systemError(system), 'some/where', 'read');
    expect(error).toMatchObject({ code });
    expect(error.message).toContain('cannot read some/where');
  });

  it('leaves other errors alone', () => {
    const own = new GradcamError({ code: 'own', what: 'own' });
    const bug = new TypeError('bug');
    expect(fileError(own, 'x', 'read')).toBe(own);
    expect(fileError(bug, 'x', 'read')).toBe(bug);
  });
});

describe('readInto', () => {
  const bytes = Uint8Array.from({ length: 2 ** 22 + 5 }, (_, index) => (index * 31 + (index >> 12)) & 255);

  it('reads a file in parts that come together', async () => {
    const file = join(temporaryFolder().path, 'weights');
    writeFileSync(file, bytes);
    expect(Buffer.compare(await readWhole(file), bytes)).toBe(0);
  });

  it('tells how much of what was asked for is there', async () => {
    const file = join(temporaryFolder().path, 'weights');
    writeFileSync(file, bytes);
    const handle = await open(file);
    const into = new Uint8Array(2 ** 22);
    expect(await readInto(handle, into, 2 ** 21)).toBe(2 ** 21 + 5);
    await handle.close();
    expect(Buffer.compare(into.subarray(0, 2 ** 21 + 5), bytes.subarray(2 ** 21))).toBe(0);
  });
});

describe('requireWritableFolder', () => {
  it.skipIf(process.platform !== 'linux')('says no in /proc, where no folder can be made', async () => {
    expect((await failureOf(requireWritableFolder('/proc/gradcam/out'))).exitCode).toBe(1);
  });

  it('makes the folder and leaves it empty', async () => {
    const { path } = temporaryFolder();
    await requireWritableFolder(join(path, 'a/b'));
    expect(readdirSync(join(path, 'a/b'))).toEqual([]);
  });

  it('fails on a file', async () => {
    const { put } = temporaryFolder();
    expect((await failureOf(requireWritableFolder(put('out')))).code).toBe('not-a-folder');
  });
});

it('removes what killed processes left', async () => {
  const folder = temporaryFolder();
  folder.put('run/checkpoint/.gradcam-1-0-5.tmp');
  folder.put('run/model.onnx');
  folder.put('run/.gradcam-notes.txt');
  await removeLeftovers(join(folder.path, 'run'));
  await removeLeftovers(join(folder.path, 'never-made'));
  expect(readdirSync(join(folder.path, 'run'), { recursive: true }).sort()).toEqual(['.gradcam-notes.txt', 'checkpoint', 'model.onnx']); // prettier-ignore
});

describe('cleanTemporaryFiles', () => {
  it('removes a write that is under way', async () => {
    const { path } = temporaryFolder();
    const writing = writeFileAtomic(join(path, 'big'), new Uint8Array(64 << 20));
    while (!readdirSync(path).some((name) => name.endsWith('.tmp'))) await new Promise(setImmediate);
    cleanTemporaryFiles();
    expect(readdirSync(path)).toEqual([]);
    await failureOf(writing);
    expect(existsSync(join(path, 'big'))).toBe(false);
  });

  it('finds those of other threads by name, and no others', () => {
    const { path, put } = temporaryFolder();
    put(`maps/x/.gradcam-${process.pid}-7-0.tmp`);
    const foreign = put('maps/x/.gradcam-1-7-0.tmp');
    const result = put('maps/x/ce.npy');
    cleanTemporaryFiles([path, join(path, 'never-made')]);
    expect(readdirSync(join(path, 'maps/x')).sort()).toEqual(['.gradcam-1-7-0.tmp', 'ce.npy']);
    writeFileSync(foreign, '');
    expect(existsSync(result)).toBe(true);
  });
});
