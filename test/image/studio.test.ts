import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { blendOverlay } from '../../src/image/blend.ts';
import { decodePicture } from '../../src/image/codec.ts';
import type { PrepareSpec } from '../../src/image/picture.ts';
import { encodePng } from '../../src/image/png.ts';
import { prepareInput } from '../../src/image/prepare.ts';
import { openStudio } from '../../src/image/studio.ts';
import { openPicture, withInputs } from '../../src/pictures.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { waves } from './pictures.ts';

const spec: PrepareSpec = {
  size: [8, 8],
  resize: 'crop',
  scale: [0, 1],
  mean: [0, 0, 0],
  std: [1, 1, 1],
  channels: 'rgb',
  layout: 'nchw',
};
const heatmap = { height: 2, width: 2, data: Float32Array.of(0, 1, 2, 3) };
const look = { heatmap, scaleMax: 3, colormap: 'magma', alpha: 0.4 } as const;

it('loads, draws over, shrinks and forgets a picture', async () => {
  const folder = temporaryFolder();
  const bytes = encodePng(waves(60, 40));
  const path = folder.put('a b/pïcture.png', bytes);
  const studio = openStudio();
  const { handle, width, height, sha256, inputs } = await studio.load(path, [spec]);
  const picture = await decodePicture(path);
  const [input] = inputs;
  expect([width, height]).toEqual([60, 40]);
  expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(input).toEqual(prepareInput(picture, spec));

  const file = join(folder.path, 'overlays/sample 1/run.png');
  const { placement } = input!;
  await studio.overlay(handle, { ...look, placement, file });
  expect(Buffer.compare(readFileSync(file), encodePng(blendOverlay({ ...look, placement, picture })))).toBe(0);
  expect(readdirSync(join(folder.path, 'overlays/sample 1'))).toEqual(['run.png']);

  const small = join(folder.path, 'small.jpg');
  const shown = await studio.thumbnail(handle, { maxSide: 30, file: small });
  expect(Buffer.compare(readFileSync(small), shown)).toBe(0);
  expect(await sharp(shown).metadata()).toMatchObject({ format: 'jpeg', width: 30, height: 20 });

  await studio.release(handle);
  await expect(studio.overlay(handle, { ...look, placement, file: 'never.png' })).rejects.toMatchObject({
    code: 'picture-released',
    exitCode: 2,
  });
  expect(existsSync('never.png')).toBe(false);
  await studio.close();
  await expect(studio.load(path, [])).rejects.toMatchObject({ code: 'studio-closed' });
});

it('prepares a picture for a further spec later, as if it had been asked for at once', async () => {
  const path = temporaryFolder().put('picture.png', encodePng(waves(60, 40)));
  const studio = openStudio();
  const further: PrepareSpec = { ...spec, resize: 'pad', layout: 'nhwc' };
  const together = await studio.load(path, [spec, further]);
  const picture = await openPicture(studio, path, spec);
  expect(await studio.prepare(picture.handle, [further])).toEqual(together.inputs.slice(1));
  expect((await withInputs(picture, [further, spec])).inputs).toEqual([...together.inputs].reverse());
  expect(picture.inputFor({ ...further })).toBe(picture.inputFor(further)); // equal specs share one
  await studio.close();
});

it('prepares equal specs once, whatever the order of their fields', async () => {
  const path = temporaryFolder().put('a.png', encodePng(waves(20, 20)));
  const { layout, ...rest } = spec;
  const studio = openStudio();
  const { inputs } = await studio.load(path, [spec, { layout, ...rest }, { ...spec, resize: 'pad', size: [9, 8] }]);
  expect(inputs[1]).toBe(inputs[0]);
  expect(inputs[2]).not.toBe(inputs[0]);
  expect(inputs.map(({ data }) => data.length)).toEqual([192, 192, 216]);
});

it('a file that cannot be read fails alone', async () => {
  const folder = temporaryFolder();
  const good = folder.put('good.png', encodePng(waves(20, 20)));
  const bad = folder.put('bad.png', encodePng(waves(20, 20)).subarray(0, 200));
  const studio = openStudio();
  const [first, second, third] = await Promise.allSettled([
    studio.load(good, [spec]),
    studio.load(bad, [spec]),
    studio.load(good, [spec]),
  ]);
  expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(second).toMatchObject({ reason: { name: 'GradcamError', code: 'broken-picture' } });
});

it('an overlay that cannot be written names the path and leaves nothing', async () => {
  const folder = temporaryFolder();
  const path = folder.put('a.png', encodePng(waves(20, 20)));
  const studio = openStudio();
  const { handle } = await studio.load(path, []);
  const file = join(path, 'below-a-file.png');
  const placement = { x: 0, y: 0, width: 20, height: 20 };
  await expect(studio.overlay(handle, { ...look, placement, file })).rejects.toThrow(file);
  expect(readdirSync(folder.path)).toEqual(['a.png']);
});

it('reads masks', async () => {
  const path = temporaryFolder().put(
    'm.png',
    await sharp(Buffer.of(0, 200, 255, 9), { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toBuffer(),
  );
  expect(await openStudio().mask(path)).toEqual({ width: 2, height: 2, data: Uint8Array.of(0, 1, 1, 0) });
});
