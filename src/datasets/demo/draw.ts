// One picture of the demo set, with its masks. SYNTHETIC: nothing here is a medical picture; class names only borrow codes.
import type { Picture } from '../../image/picture.ts';
import { Random } from '../../lib/random.ts';
import type { SplitName } from '../dataset.ts';
import { takePicture } from './camera.ts';
import { shortcuts, type DemoClass } from './classes.ts';
import { paintPigment, placeLesion, type View } from './lesion.ts';
import { drawLooks } from './looks.ts';
import { paintDistractors, paintShortcuts } from './marks.ts';
import { paintPatterns } from './patterns.ts';
import { drawSkin } from './skin.ts';

export interface DemoPicture {
  readonly seed: number;
  readonly split: SplitName;
  readonly name: DemoClass;
  /** Number of the lesion in its split and class. */
  readonly lesion: number;
  /** Number of the photograph of it: 0 is the first. */
  readonly photo: number;
  /** Height in pixels; the width is 4/3 of it. Nothing drawn depends on it. */
  readonly height: number;
  /** The shortcuts, set by hand; all else stays. */
  readonly force?: { readonly patch: boolean; readonly ruler: boolean } | undefined;
}

export interface Drawn {
  readonly picture: Picture;
  /** 1 in the lesion, [height, width]. */
  readonly mask: Uint8Array;
  /** 1 where a shortcut lies. */
  readonly cue: Uint8Array;
  readonly facts: {
    readonly like: DemoClass | null;
    readonly patch: boolean;
    readonly ruler: boolean;
    readonly drawn: readonly string[];
  };
}

/** Draws one picture. Each part draws from a stream of its own; those of the lesion are shared by all its photographs. */
export function drawDemoPicture(spec: DemoPicture): Drawn {
  const { seed, split, name, lesion: number, photo, height } = spec;
  const ofLesion = (part: string) => Random.of(seed, 'demo', split, name, number, part);
  const ofPhoto = (part: string) => Random.of(seed, 'demo', split, name, number, part, photo);
  const { looks, like } = drawLooks(name, ofLesion('looks'));
  const { canvas, skin } = drawSkin(height, ofLesion('skin'));
  const random = ofLesion('lesion');
  const lesion = placeLesion(canvas, looks, random, viewOf(photo, ofPhoto('view')));
  paintPigment(canvas, lesion, looks, random);
  paintPatterns({ canvas, lesion, looks, random, skin });
  const drawn = paintDistractors(canvas, ofPhoto('marks'));
  const chance = ofPhoto('shortcuts');
  const wanted = spec.force ?? { patch: has('patch', spec, chance), ruler: has('ruler', spec, chance) };
  const cue = new Uint8Array(lesion.mask.length);
  paintShortcuts(canvas, ofPhoto('shortcut looks'), wanted, cue);
  drawn.push(...takePicture(canvas, ofPhoto('camera')));
  const rgba = new Uint8ClampedArray(4 * lesion.mask.length).fill(255);
  for (let i = 0; i < lesion.mask.length; i++)
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = 255 * canvas.rgb[3 * i + c]!; // rounded when clamped
  const picture = { width: canvas.width, height: canvas.height, rgba };
  return { picture, mask: lesion.mask, cue, facts: { like, ...wanted, drawn } };
}

function viewOf(photo: number, random: Random): View {
  const [x, y, turn, zoom] = [random.normal(), random.normal(), random.normal(), random.normal()];
  if (photo === 0) return { shift: [0, 0], turn: 0, zoom: 1 };
  return { shift: [0.07 * x, 0.06 * y], turn: 0.5 * turn, zoom: Math.exp(0.1 * zoom) };
}

function has(which: keyof typeof shortcuts, { split, name }: DemoPicture, random: Random): boolean {
  const { of, own, other, elsewhere } = shortcuts[which];
  const chance = split !== 'train' ? elsewhere : name === of ? own : other;
  return random.unit() < chance;
}
