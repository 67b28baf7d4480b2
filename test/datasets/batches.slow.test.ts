// The pipeline and the demo with real worker threads: the same batches and pictures whatever their number.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as BatchesModule from '../../src/datasets/batches.ts';
import { openBatches, type Batch, type BatchOptions } from '../../src/datasets/batches.ts';
import type { Dataset } from '../../src/datasets/dataset.ts';
import type * as DemoModule from '../../src/datasets/demo/demo.ts';
import { openDemo } from '../../src/datasets/demo/demo.ts';
import { itemsOf } from '../../src/datasets/split.ts';
import { compileRoom, type CompiledRoom } from '../lib/compiled-room.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

let room: CompiledRoom;
let compiled: typeof BatchesModule & typeof DemoModule;
beforeAll(async () => {
  room = compileRoom(['datasets/batches.ts', 'datasets/demo/demo.ts', 'datasets/worker.ts']);
  const [batches, demo] = await Promise.all([
    import(room.module('datasets/batches')) as Promise<typeof BatchesModule>,
    import(room.module('datasets/demo/demo')) as Promise<typeof DemoModule>,
  ]);
  compiled = { ...batches, ...demo };
});
afterAll(() => room.remove());

const spec = {
  size: [24, 24],
  resize: 'squash',
  scale: [0, 1],
  mean: [0.5, 0.5, 0.5],
  std: [0.2, 0.2, 0.2],
  channels: 'rgb',
  layout: 'nhwc',
} as const;
const small = { train: 24, perClass: 1, size: 24 };

async function read(open: typeof openBatches, options: BatchOptions, from: readonly [number, number] = [0, 0]) {
  const batches = open(options);
  const found: Batch[] = [];
  for (let epoch = from[0]; epoch < 3; epoch++)
    for await (const batch of batches.epoch(epoch, epoch === from[0] ? from[1] : 0)) found.push(batch);
  await batches.close();
  return { found, skipped: batches.skipped };
}

/** Every picture's bytes, by its place in the set. */
function hashes(dataset: Dataset): string[] {
  return dataset.items.flatMap(({ path, mask }) =>
    [path, mask!].map((file) => {
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      return `${relative(dataset.root, file)} ${hash}`;
    }),
  );
}

it('draws the demo with threads as without', async () => {
  const folder = temporaryFolder().path;
  const inline = await openDemo({ root: join(folder, 'a'), ...small });
  const threads = await compiled.openDemo({ root: join(folder, 'b'), ...small, workers: 3 });
  expect(hashes(threads)).toEqual(hashes(inline));
});

it.each(['shuffle', 'class-balanced'] as const)(
  'makes the same batches with no, one and three threads: %s',
  async (sampler) => {
    const dataset = await openDemo({ root: join(temporaryFolder().path, 'demo'), ...small });
    const items = itemsOf(dataset, 'train');
    writeFileSync(items[5]!.path, 'no picture');
    const augment = { flip: true, crop: true, rotate: true, colour: true, mixup: true } as const;
    const options: BatchOptions = { items, classes: 7, spec, batch: 8, seed: 2, augment, sampler, epochs: 3 };
    const inline = await read(openBatches, options);
    const one = await read(compiled.openBatches, { ...options, workers: 1 });
    const three = await read(compiled.openBatches, { ...options, workers: 3, cacheBytes: 20_000, ahead: 9 });
    expect(one.found).toEqual(inline.found);
    expect(three.found).toEqual(inline.found);
    expect(three.skipped).toEqual(inline.skipped);
    expect(inline.skipped.map(({ path }) => path)).toEqual([items[5]!.path]);
    const resumed = await read(compiled.openBatches, { ...options, workers: 2 }, [1, 1]);
    expect(resumed.found).toEqual(inline.found.slice(inline.found.length / 3 + 1));
  },
);

it('leaves nothing behind where the consumer stops early', async () => {
  const dataset = await openDemo({ root: join(temporaryFolder().path, 'demo'), ...small });
  const batches = compiled.openBatches({ items: dataset.items, classes: 7, spec, batch: 4, workers: 2 });
  for await (const batch of batches.epoch(0)) {
    expect(batch.count).toBe(4);
    break;
  }
  await batches.close();
  await expect(batches.epoch(1).next()).rejects.toMatchObject({ code: 'workers-closed' });
});
