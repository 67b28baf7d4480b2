// Where steps get their batches from: pictures prepared in the background, what frozen layers make of them, or the same taken
// from disk.
import type { Batches } from '../datasets/batches.ts';
import type { DatasetItem, SkippedItem } from '../datasets/dataset.ts';
import { orderOf, type SamplerId } from '../datasets/sampler.ts';
import type { Session } from '../engine/engine.ts';
import type { Port } from '../graph/graph.ts';
import type { Features } from './features.ts';

export interface SourceBatch {
  /** Rows. */
  readonly count: number;
  /** Pictures, or by input of the trained part what frozen layers made of them; `count` rows. */
  readonly inputs: Float32Array | Readonly<Record<string, Float32Array>>;
  readonly labels: Int32Array;
  /** [count, classes]; null where `labels` says all. */
  readonly targets: Float32Array | null;
}

export interface Source {
  /** Batches in an epoch. */
  readonly steps: number;
  /** The batches of an epoch, counted from 0: the same ones whenever it is asked for. */
  epoch(epoch: number): AsyncGenerator<SourceBatch>;
  readonly skipped: readonly SkippedItem[];
  close(): Promise<void>;
}

export function pictureSource(batches: Batches): Source {
  return {
    steps: batches.steps,
    async *epoch(epoch) {
      for await (const { count, images, labels, targets } of batches.epoch(epoch))
        yield { count, inputs: images, labels, targets };
    },
    get skipped() {
      return batches.skipped;
    },
    close: () => batches.close(),
  };
}

/** Pictures that go through the frozen layers every time, as augmented ones must. */
export function frozenSource(batches: Batches, frozen: FrozenLayers): Source {
  return {
    ...pictureSource(batches),
    async *epoch(epoch) {
      for await (const { count, images, labels, targets } of batches.epoch(epoch))
        yield { count, inputs: await passFrozen(frozen, images, count), labels, targets };
    },
    get skipped() {
      return batches.skipped;
    },
  };
}

export interface FrozenLayers {
  readonly session: Session;
  /** Name of the image input. */
  readonly image: string;
  /** Shape of the image input, its batch included. */
  readonly shape: readonly number[];
  /** What the trained part reads. */
  readonly ports: readonly Port[];
}

/** `count` pictures through the frozen layers: `count` rows for each port. */
export async function passFrozen(
  { session, image, shape, ports }: FrozenLayers,
  images: Float32Array,
  count: number,
): Promise<Record<string, Float32Array>> {
  const [batch = 1] = shape;
  const whole = count === batch ? images : new Float32Array((images.length / count) * batch);
  if (count !== batch) whole.set(images);
  const results = await session.run({ [image]: { dtype: 'float32', shape, data: whole } });
  return Object.fromEntries(
    ports.map(({ name }) => {
      const data = results[name]!.data as Float32Array;
      return [name, data.slice(0, (data.length / batch) * count)];
    }),
  );
}

export interface CachedSpec {
  readonly features: Features;
  readonly items: readonly DatasetItem[];
  readonly classes: number;
  readonly batch: number;
  readonly sampler: SamplerId;
  readonly seed: number;
  readonly dropLast: boolean;
}

/** What the frozen layers made of unchanged pictures, from disk. Pictures that could not be read are not there. */
export function cachedSource({ features, classes, batch, sampler, seed, dropLast, ...rest }: CachedSpec): Source {
  const items = rest.items.filter((item) => features.rows.has(item.id));
  const steps = dropLast ? Math.floor(items.length / batch) : Math.ceil(items.length / batch);
  return {
    steps,
    async *epoch(epoch) {
      const order = orderOf(items, classes, sampler, seed, epoch);
      for (let step = 0; step < steps; step++) {
        const chosen = order.slice(step * batch, (step + 1) * batch).map((index) => items[index]!);
        const inputs = await features.read(chosen.map(({ id }) => features.rows.get(id)!));
        const several = chosen.some(({ labels }) => labels !== null);
        const targets = several ? Float32Array.from(chosen.flatMap(({ labels }) => labels ?? [])) : null;
        yield { count: chosen.length, inputs, labels: Int32Array.from(chosen, ({ label }) => label), targets };
      }
    },
    skipped: features.skipped,
    close: () => Promise.resolve(),
  };
}
