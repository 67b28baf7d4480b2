// The seam of augmentations: each changes a plan, drawn per picture and epoch, that workers then carry out in one pass over
// the pixels. The table is ../augmentations.ts.
import type { Random } from '../../lib/random.ts';

/**
 * Where an output pixel looks in the picture: x' = a x + b y + c, y' = d x + e y + f. Origin in the middle, y from -1 to 1
 * downwards, x from -aspect to aspect, so that turning does not shear.
 */
export type Affine = readonly [number, number, number, number, number, number];

/** What is done to one picture. Plain data: it crosses to a worker. */
export interface Plan {
  readonly place: Affine;
  /** Factor of all values. */
  readonly brightness: number;
  /** Distance from the picture's mean grey. */
  readonly contrast: number;
  /** Distance of each pixel from its own grey. */
  readonly saturation: number;
  /** Turn around the grey axis (YIQ), in radians. */
  readonly hue: number;
  /** Normalised values are multiplied by `gain`, then `offset` is added: units of the input's deviation. */
  readonly gain: number;
  readonly offset: number;
}

export const unchanged: Plan = {
  place: [1, 0, 0, 0, 1, 0],
  brightness: 1,
  contrast: 1,
  saturation: 1,
  hue: 0,
  gain: 1,
  offset: 0,
};

export type Settings = Readonly<Record<string, number>>;

export interface Augmentation {
  readonly id: string;
  readonly title: string;
  /** Name of each setting -> default, and the ends of its range. */
  readonly settings: Readonly<Record<string, readonly [value: number, low: number, high: number]>>;
  /** The changed plan. `aspect`: width / height. Absent where whole batches are changed (mixup). */
  readonly plan?: (plan: Plan, settings: Settings, random: Random, aspect: number) => Plan;
}

/** The plan with `next` done to the place found so far: place = next * place. */
export function placed(plan: Plan, next: Affine): Plan {
  const [a, b, c, d, e, f] = plan.place;
  const [A, B, C, D, E, F] = next;
  return {
    ...plan,
    place: [A * a + B * d, A * b + B * e, A * c + B * f + C, D * a + E * d, D * b + E * e, D * c + E * f + F],
  };
}
