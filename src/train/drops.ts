// Dropout and stochastic depth: masks are drawn outside the recorded step and come in as inputs, so that a seed gives the
// same step on every engine and after every resume.
import { sizeOf } from '../graph/tensor.ts';
import type { Random } from '../lib/random.ts';
import type { DropSite, Trainable } from './network.ts';
import { shapeOf } from './shapes.ts';

/** A mask of the step: float32, 0 or 1 / (1 - rate). */
export interface Mask {
  readonly site: DropSite;
  readonly port: {
    readonly name: string;
    readonly type: { readonly dtype: 'float32'; readonly shape: readonly number[] };
  };
}

/** Whole elements of a value, or a factor for each sample ([batch, 1, ...]; Huang et al. 2016, https://arxiv.org/abs/1603.09382). */
export function masksOf({ graph, drops }: Pick<Trainable, 'graph' | 'drops'>): Mask[] {
  return drops.map((site) => {
    const full = shapeOf(graph, site.value);
    const shape = site.kind === 'elements' ? full : full.map((dim, axis) => (axis === 0 ? dim : 1));
    return { site, port: { name: `mask/${site.value}`, type: { dtype: 'float32', shape } } };
  });
}

/** Draws the mask of one step. */
export function drawMask({ site: { rate }, port }: Mask, random: Random): Float32Array {
  const kept = 1 / (1 - rate);
  return Float32Array.from({ length: sizeOf(port.type.shape) }, () => (random.unit() < rate ? 0 : kept));
}
