// Files written whole or not at all: a temporary file in the same folder, then a rename. Apart because every room that
// writes goes through it, and because an interrupt must find the temporary files that are still lying about.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile, open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { GradcamError, messageOf } from './errors.ts';

/** What a file is to hold; pieces are written one after the other, never joined in memory. */
export type FileData = string | Uint8Array | readonly Uint8Array[];

/** Temporary files of this thread that may exist right now. */
const pending = new Set<string>();
let count = 0;

/** Start of the name of every temporary file of this process, whichever thread writes it. */
const prefix = `.gradcam-${process.pid}-`;

/**
 * Writes `data`, one piece or several in order, to `path` so that readers see the old file or the whole new one. Missing
 * folders are created.
 * Throws GradcamError naming the path when the system refuses; the temporary file is gone by then.
 */
export async function writeFileAtomic(path: string, data: FileData): Promise<void> {
  await replaceFile(path, data, false);
}

/**
 * As `writeFileAtomic`, and on the disk itself when it resolves: after a crash of the machine, too, the old file or the
 * whole new one is there.
 */
export async function writeFileDurably(path: string, data: FileData): Promise<void> {
  await replaceFile(path, data, true);
}

/**
 * As `writeFileAtomic`, for threads that have nothing else to do meanwhile, and for small files: nothing waits for its turn
 * between the steps.
 */
export function writeFileAtomicSync(path: string, data: string | Uint8Array): void {
  const temporary = join(dirname(path), `${prefix}${threadId}-${count++}.tmp`);
  pending.add(temporary);
  try {
    try {
      writeFileSync(temporary, data, { flag: 'wx' });
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error;
      makeFolderSync(dirname(path));
      writeFileSync(temporary, data, { flag: 'wx' });
    }
    renameOverSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary); // the first error is the one to tell
    throw fileError(error, path, 'write');
  } finally {
    pending.delete(temporary);
  }
}

async function replaceFile(path: string, data: FileData, isDurable: boolean): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `${prefix}${threadId}-${count++}.tmp`);
  pending.add(temporary);
  try {
    await writeCreatingFolder(temporary, folder, data);
    if (isDurable) await flush(temporary, 'r+');
    await renameOver(temporary, path);
    if (isDurable && process.platform !== 'win32') await flush(folder, 'r'); // the new name, too
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw fileError(error, path, 'write');
  } finally {
    pending.delete(temporary);
  }
}

/**
 * Creates `folder` where it is missing and proves that files can be written in it, so that a long run fails at its start.
 * Throws GradcamError naming the folder.
 */
export async function requireWritableFolder(folder: string): Promise<void> {
  const probe = join(folder, `${prefix}${threadId}-${count++}.tmp`);
  pending.add(probe);
  try {
    await writeCreatingFolder(probe, folder, '');
  } catch (error) {
    throw fileError(error, folder, 'write');
  } finally {
    await rm(probe, { force: true }).catch(() => undefined); // never made, or the folder vanished: nothing to remove
    pending.delete(probe);
  }
}

/**
 * Removes the temporary files of this process, for use when it is about to end. Synchronous: it runs in exit handlers.
 * Other threads keep their own list, so their files are looked for by name under `folders`.
 */
export function cleanTemporaryFiles(folders: readonly string[] = []): void {
  const found = [...pending];
  for (const folder of folders) found.push(...temporaryFilesUnder(folder));
  for (const path of found) removeQuietly(path); // nobody is left to tell, and the files do no harm
  pending.clear();
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Stays.
  }
}

/**
 * Removes temporary files that processes killed before left below `folder`, so that they do not pile up where one process after
 * the other is killed. Only for folders that nobody else writes to.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const path of temporaryFilesUnder(folder, '.gradcam-')) await rm(path, { force: true }).catch(() => undefined);
}

/** The error of a failed file operation as a GradcamError naming `path`. An error that is not the system's comes back as it is. */
export function fileError(error: unknown, path: string, action: 'read' | 'write'): Error {
  if (error instanceof GradcamError) return error;
  const system = systemCodeOf(error);
  if (system === null) return error instanceof Error ? error : new Error(messageOf(error));
  const { code, because, hint } = explain(system, path, action, error);
  return new GradcamError({ code, what: `cannot ${action} ${path}: ${because}`, hint, cause: error });
}

/** `ENOENT` and its like; null where the error is not the system's. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return 'syscall' in error ? error.code : null;
}

async function flush(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeCreatingFolder(file: string, folder: string, data: FileData): Promise<void> {
  try {
    await writeFile(file, data, { flag: 'wx' });
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    await makeFolder(folder);
    await writeFile(file, data, { flag: 'wx' });
  }
}

/** Node's recursive mkdir tells a read-only file system as ENOENT, and never ends in /proc: the plain one goes first. */
async function makeFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) await mkdir(firstMissing(folder)).catch(unlessMade);
  await mkdir(folder, { recursive: true });
}

function makeFolderSync(folder: string): void {
  try {
    if (!existsSync(folder)) mkdirSync(firstMissing(folder)); // as in makeFolder
  } catch (error) {
    unlessMade(error);
  }
  mkdirSync(folder, { recursive: true });
}

/** Somebody else may make the same folder at the same time. */
function unlessMade(error: unknown): void {
  if (systemCodeOf(error) !== 'EEXIST') throw error;
}

/** The outermost folder on the way to `folder` that does not exist. */
function firstMissing(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(above) ? folder : firstMissing(above);
}

/** Windows refuses to replace a file while a virus scanner or a viewer holds it, usually for a moment only. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!isHeld(error) || attempt === RENAMES) throw error;
      await new Promise((done) => setTimeout(done, 20 * 2 ** attempt));
    }
  }
}

function renameOverSync(from: string, to: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      return renameSync(from, to);
    } catch (error) {
      if (!isHeld(error) || attempt === RENAMES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 * 2 ** attempt);
    }
  }
}

const RENAMES = 5;

const isHeld = (error: unknown): boolean =>
  process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(systemCodeOf(error) ?? '');

function temporaryFilesUnder(folder: string, start = prefix): string[] {
  const isTemporary = (name: string): boolean => name.startsWith(start) && name.endsWith('.tmp');
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => isTemporary(basename(name)))
      .map((name) => join(folder, name));
  } catch {
    return []; // the folder was never made
  }
}

interface Explanation {
  readonly code: string;
  readonly because: string;
  readonly hint?: string;
}

function explain(system: string, path: string, action: 'read' | 'write', error: unknown): Explanation {
  const elsewhere = action === 'write' ? 'write elsewhere, for example with --out' : 'check the path';
  switch (system) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { code: 'disk-full', because: 'the disk is full', hint: `free some space, or ${elsewhere}` };
    case 'EACCES':
    case 'EPERM':
      return { code: 'no-permission', because: 'permission denied', hint: `change the permissions, or ${elsewhere}` };
    case 'EROFS':
      return { code: 'read-only', because: 'the file system is read-only', hint: elsewhere };
    case 'EISDIR':
      return { code: 'is-folder', because: 'it is a folder', hint: 'name a file' };
    case 'ENOTDIR':
    case 'EEXIST':
      return { code: 'not-a-folder', because: `${fileAbove(path)} is a file, not a folder`, hint: elsewhere };
    case 'ENOENT':
      return { code: 'no-such-file', because: 'there is no such file or folder', hint: elsewhere };
    case 'ENAMETOOLONG':
      return { code: 'name-too-long', because: 'the name is too long for this file system', hint: elsewhere };
    case 'EMFILE':
    case 'ENFILE':
      return {
        code: 'too-many-files',
        because: 'too many files are open',
        hint: 'raise the limit of open files (ulimit -n)',
      };
    default:
      return { code: 'file-failed', because: messageOf(error) };
  }
}

/** The nearest existing thing at or above `path` that is not a folder, else `path`. */
function fileAbove(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      if (!statSync(at).isDirectory()) return at;
    } catch {
      // Does not exist: its parent may.
    }
    if (resolve(at) === resolve(dirname(at))) return path;
  }
}

/**
 * The whole file, in memory that threads can share. Node's own readFile goes piece by piece, which takes several times as
 * long for weights.
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    const filled = await readInto(handle, bytes, 0);
    return filled === size ? bytes : bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/**
 * Fills `bytes` from `position` of the file on, in parts side by side: taking memory anew and copying into it is what
 * reading a file costs that the system has at hand, and one core does no more than 2 GB of that a second. Resolves to the
 * number of bytes, from the first on, that the file had.
 */
export async function readInto(handle: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  const parts = Math.max(1, Math.min(MOST_PARTS, Math.floor(bytes.length / LEAST_PART)));
  const size = Math.ceil(bytes.length / parts);
  const filled = await Promise.all(
    Array.from({ length: parts }, async (_, index) => {
      const start = index * size;
      const end = Math.min(bytes.length, start + size);
      let at = start;
      while (at < end) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(end - at, MOST_AT_ONCE), position + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return at - start;
    }),
  );
  const short = filled.findIndex((count, index) => index * size + count < Math.min(bytes.length, (index + 1) * size));
  return short === -1 ? bytes.length : short * size + filled[short]!;
}

/** What one system call reads at most: 2 GB and more in one go fail. */
const MOST_AT_ONCE = 2 ** 30;
/** As many threads as Node keeps for files. */
const MOST_PARTS = 4;
const LEAST_PART = 2 ** 20;
