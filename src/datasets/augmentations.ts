// The table of augmentations, in the order in which they are applied, and presets of them by name.
import { GradcamError } from '../lib/errors.ts';
import { unknownName } from '../lib/names.ts';
import { Random } from '../lib/random.ts';
import { unchanged, type Augmentation, type Plan, type Settings } from './augment/augmentation.ts';
import { colour } from './augment/colour.ts';
import { crop } from './augment/crop.ts';
import { exposure } from './augment/exposure.ts';
import { flip } from './augment/flip.ts';
import { mixup } from './augment/mixup.ts';
import { rotate } from './augment/rotate.ts';
import { scale } from './augment/scale.ts';
import { shift } from './augment/shift.ts';

// Turning comes after flips and parts, shifts come last: the place is found as R S F x + t.
/** Augmentations by their names in an `AugmentSpec`, in the order in which they are applied. */
export const augmentations = { flip, crop, rotate, scale, shift, colour, exposure, mixup } as const satisfies Record<
  string,
  Augmentation
>;
export type AugmentationId = keyof typeof augmentations;

/** Augmentations by name; `true` takes the defaults, an object sets what it names. */
export type AugmentSpec = Readonly<Partial<Record<AugmentationId, boolean | Settings>>>;

/** Augmentations that belong together, by the names that `augment` takes. */
export const augmentPresets = {
  none: {},
  light: { flip: { h: 0.5, v: 0 } },
  /** That of the demo recipe: flips, rotation, scale, shift, contrast and brightness. */
  demo: { flip: true, rotate: { degrees: 20 }, scale: { by: 0.1 }, shift: { by: 0.06 }, exposure: true },
  standard: { flip: { h: 0.5, v: 0 }, crop: { minArea: 0.5 }, rotate: { degrees: 10 }, colour: true },
  /** No direction is up: lesions under a dermatoscope, cells, satellites. */
  dermoscopy: { flip: true, crop: { minArea: 0.6 }, rotate: { degrees: 180 }, colour: true },
} as const satisfies Record<string, AugmentSpec>;

/** Chosen augmentations with every setting, in the order of the table. */
export type AugmentOptions = readonly { readonly id: AugmentationId; readonly settings: Settings }[];

/**
 * A preset's name or a record of augmentations, checked. Throws GradcamError `unknown-augmentation`,
 * `unknown-setting-of-<id>` or `bad-augmentation`.
 */
export function settleAugment(spec: string | AugmentSpec): AugmentOptions {
  const chosen = typeof spec === 'string' ? presetOf(spec) : spec;
  for (const id of Object.keys(chosen))
    if (!Object.hasOwn(augmentations, id)) throw unknownName('augmentation', id, Object.keys(augmentations));
  return (Object.keys(augmentations) as AugmentationId[]).flatMap((id) => {
    const given = chosen[id];
    return given === undefined || given === false
      ? []
      : [{ id, settings: settingsOf(id, given === true ? {} : given) }];
  });
}

/** What is done to the picture at `position` of an epoch: each augmentation draws from a stream of its own. */
export function drawPlan(options: AugmentOptions, aspect: number, seed: number, epoch: number, position: number): Plan {
  return options.reduce((plan, { id, settings }) => {
    const augmentation: Augmentation = augmentations[id];
    return augmentation.plan?.(plan, settings, Random.of(seed, 'augment', id, epoch, position), aspect) ?? plan;
  }, unchanged);
}

/** How much larger than the input pictures are kept, so that parts of them are not blurred: 1 where none are taken. */
export function oversizeOf(options: AugmentOptions): number {
  const settings = options.find(({ id }) => id === 'crop')?.settings;
  return settings === undefined ? 1 : Math.min(1.5, 1 / Math.sqrt((settings.minArea! + settings.maxArea!) / 2));
}

function presetOf(name: string): AugmentSpec {
  const presets: Readonly<Record<string, AugmentSpec>> = augmentPresets;
  if (Object.hasOwn(presets, name)) return presets[name]!;
  throw unknownName('augmentation preset', name, Object.keys(presets));
}

function settingsOf(id: AugmentationId, given: Settings): Settings {
  const known: Augmentation['settings'] = augmentations[id].settings;
  for (const name of Object.keys(given))
    if (!Object.hasOwn(known, name)) throw unknownName(`setting of ${id}`, name, Object.keys(known));
  const settings = Object.entries(known).map(([name, [value, low, high]]) => {
    const chosen = given[name] ?? value;
    if (Number.isFinite(chosen) && chosen >= low && chosen <= high) return [name, chosen] as const;
    throw new GradcamError({
      code: 'bad-augmentation',
      what: `the augmentation ${id} cannot have ${name} = ${String(chosen)}`,
      expected: `a number from ${low} to ${high}`,
      found: String(chosen),
    });
  });
  return Object.fromEntries(settings);
}
