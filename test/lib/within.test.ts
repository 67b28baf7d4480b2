import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { leaves, liesWithin } from '../../src/lib/within.ts';

const hub = resolve('/cache/hub/models--timm--resnet18');
const snapshot = join(hub, 'snapshots', 'abc');

test.each([
  [resolve('/runs/a'), resolve('/runs/a/w.bin'), true],
  [resolve('/runs/a'), resolve('/runs/a/deep/w.bin'), true],
  [resolve('/runs/a'), resolve('/runs/a2/w.bin'), false],
  [resolve('/runs/a'), resolve('/etc/hostname'), false],
  // The hub's cache: a snapshot links to blobs of the same repository.
  [snapshot, join(hub, 'blobs', '0123'), true],
  [join(snapshot, 'onnx'), join(hub, 'blobs', '0123'), true],
  [snapshot, join(hub, 'refs', 'main'), false],
  [snapshot, join(hub, 'snapshots', 'def', 'w.bin'), false],
  [snapshot, join(hub, 'blobs', 'deep', '0123'), false],
  [snapshot, resolve('/cache/hub/models--other/blobs/0123'), false],
  // Folders that only look like it.
  [resolve('/runs/snapshots/abc'), resolve('/runs/blobs/0123'), false],
  [join(hub, 'snapshots'), join(hub, 'blobs', '0123'), false],
])('of %s, %s: %s', (folder, file, expected) => {
  expect(liesWithin(folder, file)).toBe(expected);
});

test('paths that leave the folder they start from', () => {
  expect(['..', join('..', 'a'), '..\\a', resolve('/a')].map(leaves)).toEqual([true, true, true, true]);
  expect(['a', '..a', join('a', 'b'), ''].map(leaves)).toEqual([false, false, false, false]);
});
