// Every picture of an evaluation through every run: pictures come from the studio's workers while the engine is at the batch
// before.
import type { Classifier } from './classifiers.ts';
import { noPictures } from '../data/samples.ts';
import type { DatasetItem } from '../datasets/dataset.ts';
import type { OnProgress } from '../events.ts';
import { openStudio, type StudioPicture } from '../image/studio.ts';
import { messageOf } from '../lib/errors.ts';
import { limited, ordered } from '../lib/ordered.ts';

/** Batches of pictures that are decoded ahead of the one at work. */
const AHEAD = 2;

export interface RawPredictions {
  /** Pictures that could be read, in the order of the data. */
  readonly items: readonly DatasetItem[];
  /** `[run][picture]`: logits `[classes of the run]`. */
  readonly logits: readonly (readonly Float32Array[])[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface PredictOptions {
  readonly batch: number;
  /** Runs that work at the same time. */
  readonly atOnce: number;
  readonly signal: AbortSignal | undefined;
}

/** A picture that cannot be read is skipped and named. Throws GradcamError `no-pictures` where none is left. */
export async function predictAll(
  items: readonly DatasetItem[],
  runs: readonly Classifier[],
  { batch, atOnce, signal }: PredictOptions,
  onProgress: OnProgress,
): Promise<RawPredictions> {
  onProgress({ kind: 'started', what: 'predictions', total: items.length * runs.length });
  const specs = runs.map((run) => run.prepared.prepare);
  const studio = openStudio();
  const read: DatasetItem[] = [];
  const logits: Float32Array[][] = runs.map(() => []);
  const skipped: { path: string; reason: string }[] = [];
  let group: { item: DatasetItem; picture: StudioPicture }[] = [];

  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    const found = await limited(runs, atOnce, (run, column) =>
      run.infer(group.map(({ picture }) => picture.inputs[column]!.data)),
    );
    for (const [column, rows] of found.entries()) logits[column]!.push(...rows);
    for (const { item, picture } of group) {
      read.push(item);
      await studio.release(picture.handle);
    }
    onProgress({ kind: 'progress', cells: group.length * runs.length });
    group = [];
  };
  const load = async (item: DatasetItem): Promise<{ item: DatasetItem; picture: StudioPicture } | Failed> => {
    try {
      return { item, picture: await studio.load(item.path, specs) };
    } catch (error) {
      return { item, error };
    }
  };

  try {
    for await (const loaded of ordered(items, AHEAD * batch, load)) {
      if ('error' in loaded) {
        const one = { path: loaded.item.path, reason: messageOf(loaded.error) };
        skipped.push(one);
        onProgress({ kind: 'skipped', ...one });
      } else {
        group.push(loaded);
        if (group.length === batch) await flush();
      }
    }
    if (group.length > 0) await flush();
  } finally {
    await studio.close();
  }
  if (read.length === 0) throw noPictures(skipped, 'Give a folder or a table of pictures with --data.');
  return { items: read, logits, skipped };
}

interface Failed {
  readonly item: DatasetItem;
  readonly error: unknown;
}
