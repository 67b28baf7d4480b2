// What `gradcam layers` tells: every layer a map can be taken at, and the one that `auto` takes.
import { chooseLayer, prepareModel, type PrepareOptions } from './runs.ts';

/** A layer that a map can be taken at. */
export interface ListedLayer {
  readonly index: number;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly op: string;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  /** Nodes between the layer and the logits. */
  readonly distance: number;
  readonly recommended: boolean;
}

/** What `listModelLayers` finds. */
export interface LayerList {
  readonly layers: readonly ListedLayer[];
  /** Why the recommended layer is. */
  readonly why: string;
  /** Layer that run.json asks for; null where it does not. */
  readonly own: string | null;
  readonly assumed: readonly string[];
}

/** Lists the layers of a model. Throws GradcamError. */
export async function listModelLayers(path: string, options: Omit<PrepareOptions, 'batch'> = {}): Promise<LayerList> {
  const prepared = await prepareModel(path, { ...options, batch: 1 });
  const { layer: recommended, why } = chooseLayer(prepared, 'auto');
  const own = prepared.run.layer === undefined ? null : chooseLayer(prepared, undefined).layer.name;
  const layers = prepared.layers.map(({ index, name, aliases, op, shape, distance, value }) => ({
    index,
    name,
    aliases,
    op,
    shape,
    distance,
    recommended: value === recommended.value,
  }));
  return { layers, why, own, assumed: prepared.assumed };
}
