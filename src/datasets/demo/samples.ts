// Full-size pictures of the demo's test split with masks, as `samples/` has them: by rule the first lesions of each class.
import { join } from 'node:path';
import { formatCsv } from '../../lib/csv.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { demoClasses } from './classes.ts';
import { drawToDisk } from './draw-job.ts';
import type { Drawn } from './draw.ts';

/** What `drawSamples` draws, and where to. */
export interface SampleOptions {
  readonly folder: string;
  /** Default 2. */
  readonly perClass?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Pixels; the width is 4/3 of it. Default 450, which gives 600 x 450. */
  readonly height?: number | undefined;
}

/**
 * Writes `SYN_0001.jpg`..., `labels.csv`, `masks/`, `cue_masks/` and `facts.json`. The same lesions as the first of the test
 * split of `openDemo` with that seed, at another size. Returns ids, in order.
 */
export async function drawSamples({ folder, perClass = 2, seed = 0, height = 450 }: SampleOptions): Promise<string[]> {
  const facts: Record<string, Drawn['facts'] & { readonly dx: string }> = {};
  for (const name of demoClasses) {
    for (let lesion = 0; lesion < perClass; lesion++) {
      const id = `SYN_${String(Object.keys(facts).length + 1).padStart(4, '0')}`;
      const drawn = await drawToDisk({
        picture: { seed, split: 'test', name, lesion, photo: 0, height },
        file: join(folder, `${id}.jpg`),
        mask: join(folder, 'masks', `${id}_segmentation.png`),
        cue: join(folder, 'cue_masks', `${id}_cue.png`),
      });
      facts[id] = { dx: name, ...drawn };
    }
  }
  const rows = Object.entries(facts).map(([id, { dx }]) => [id, dx]);
  await writeFileAtomic(join(folder, 'labels.csv'), formatCsv([['image_id', 'dx'], ...rows]));
  await writeFileAtomic(
    join(folder, 'facts.json'),
    `${JSON.stringify({ synthetic: true, seed, images: facts }, null, 1)}\n`,
  );
  return Object.keys(facts);
}
