// The studio with real worker threads: needs compiled code, so the image room is compiled into a folder of its own, under
// node_modules for its dependencies to be found.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Benches from '../../src/image/bench.ts';
import type { PrepareSpec } from '../../src/image/picture.ts';
import { encodePng } from '../../src/image/png.ts';
import type * as Studios from '../../src/image/studio.ts';
import { openStudio } from '../../src/image/studio.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { waves } from './pictures.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let built: string;
let studios: typeof Studios;

beforeAll(async () => {
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  built = mkdtempSync(join(root, 'node_modules/.cache/gradcam-studio-'));
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: {
      outDir: built,
      rootDir: join(root, 'src'),
      declaration: false,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [join(root, 'src/image/studio.ts'), join(root, 'src/image/worker.ts')],
    include: [],
  };
  writeFileSync(join(built, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(built, 'package.json'), '{ "type": "module" }');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(built, 'tsconfig.json')]);
  studios = (await import(pathToFileURL(join(built, 'image/studio.js')).href)) as typeof Studios;
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

const spec: PrepareSpec = {
  size: [32, 32],
  resize: 'squash',
  scale: [0, 1],
  mean: [0, 0, 0],
  std: [1, 1, 1],
  channels: 'rgb',
  layout: 'nchw',
};
const look = {
  heatmap: { height: 2, width: 2, data: Float32Array.of(0, 1, 2, 3) },
  placement: { x: 0, y: 0, width: 90, height: 70 },
  scaleMax: 3,
  colormap: 'viridis',
  alpha: 0.5,
} as const;

it('draws the same as without workers, many at once', async () => {
  const folder = temporaryFolder();
  const path = folder.put('a.png', encodePng(waves(90, 70)));
  const inline = openStudio();
  const expected = await inline.load(path, [spec]);
  await inline.overlay(expected.handle, { ...look, file: join(folder.path, 'expected.png') });

  const studio = studios.openStudio({ workers: 3 });
  await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const file = join(folder.path, `out/${i}.png`);
      const { handle, sha256, inputs, width, height } = await studio.load(path, [spec, spec]);
      expect({ sha256, width, height }).toEqual({ sha256: expected.sha256, width: 90, height: 70 });
      expect(inputs[0]).toEqual(expected.inputs[0]);
      expect(inputs[1]).toBe(inputs[0]);
      await studio.overlay(handle, { ...look, file });
      expect(Buffer.compare(readFileSync(file), readFileSync(join(folder.path, 'expected.png')))).toBe(0);
      expect((await studio.thumbnail(handle)).length).toBeGreaterThan(500);
      await studio.release(handle);
      await expect(studio.thumbnail(handle)).rejects.toMatchObject({ code: 'picture-released' });
    }),
  );
  expect((await studio.mask(path)).data).toHaveLength(90 * 70);
  await studio.close();
});

it('errors cross whole, and fail only their own call', async () => {
  const folder = temporaryFolder();
  const bad = folder.put('bad.jpg', 'words');
  const good = folder.put('good.png', encodePng(waves(90, 70)));
  const studio = studios.openStudio({ workers: 1 });
  const failing = studio.load(bad, [spec]);
  const loading = studio.load(good, [spec]);
  await expect(failing).rejects.toMatchObject({
    name: 'GradcamError',
    code: 'not-a-picture',
    exitCode: 1,
    parts: { what: `cannot read the picture ${bad}`, found: 'text' },
  });
  const { handle } = await loading;
  await expect(studio.overlay(handle, { ...look, alpha: 2, file: join(folder.path, 'x.png') })).rejects.toThrow(
    /alpha from 0 to 1/,
  );
  const uncopyable = { ...look, file: 'x.png', extra: () => 0 };
  await expect(studio.overlay(handle, uncopyable)).rejects.toThrow(/could not be cloned/);
  await studio.overlay(handle, { ...look, file: join(folder.path, 'y.png') });
  await studio.close();
  await expect(studio.overlay(handle, { ...look, file: 'z.png' })).rejects.toMatchObject({ code: 'studio-closed' });
});

it('a process that forgets to close the studio ends all the same, after its work', () => {
  const folder = temporaryFolder();
  const path = folder.put('a.png', encodePng(waves(90, 70)));
  const script = `
    const { openStudio } = await import(${JSON.stringify(pathToFileURL(join(built, 'image/studio.js')).href)});
    const studio = openStudio({ workers: 2 });
    const { width } = await studio.load(${JSON.stringify(path)}, []);
    console.log(width);
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: '90\n', stderr: '', status: 0 });
});

it('the death of a thread fails what it was asked, with the reason', async () => {
  const { openWorkerBench } = (await import(pathToFileURL(join(built, 'image/bench.js')).href)) as typeof Benches;
  const folder = temporaryFolder();
  const dying = pathToFileURL(
    folder.put(
      'dying.mjs',
      `import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => process.exit(7));`,
    ),
  );
  const bench = openWorkerBench(dying);
  expect(bench.alive()).toBe(true);
  await expect(bench.run('mask', { path: 'a.png' })).rejects.toMatchObject({
    code: 'worker-died',
    parts: { found: 'it ended with code 7' },
  });
  expect([bench.alive(), bench.waiting()]).toEqual([false, 0]);
  await expect(bench.run('mask', { path: 'a.png' })).rejects.toMatchObject({ code: 'worker-died' });
  await bench.close();
});
