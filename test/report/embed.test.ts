import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataUri } from '../../src/report/embed.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-embed-'));
  await writeFile(join(folder, 'a.png'), Buffer.from([1, 2, 3]));
  await writeFile(join(folder, 'a.svg'), '<svg/>');
  const noise = Buffer.from(Uint8Array.from({ length: 400 * 200 * 3 }, (_, i) => (i * 2654435761) >>> 24));
  await sharp(noise, { raw: { width: 400, height: 200, channels: 3 } })
    .png()
    .toFile(join(folder, 'large.png'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('dataUri', () => {
  const limits = { maxBytes: 100, maxSide: 100 };

  it('holds a small file as it is', async () => {
    expect(await dataUri(folder, 'a.png', limits)).toBe('data:image/png;base64,AQID');
  });

  it('makes a small JPEG of a large file', async () => {
    const uri = (await dataUri(folder, 'large.png', limits)) ?? '';
    expect(uri.startsWith('data:image/jpeg;base64,')).toBe(true);
    const { width, height } = await sharp(Buffer.from(uri.slice(23), 'base64')).metadata();
    expect([width, height]).toEqual([100, 50]);
  });

  it('is null for what it may not or cannot show', async () => {
    expect(await dataUri(folder, 'missing.png', limits)).toBeNull();
    expect(await dataUri(folder, 'a.svg', limits)).toBeNull();
    expect(await dataUri(folder, 'a.png', { maxBytes: 1, maxSide: 10 })).toBeNull();
    expect(await dataUri(join(folder, 'sub'), '../a.png', limits)).toBeNull();
  });
});
