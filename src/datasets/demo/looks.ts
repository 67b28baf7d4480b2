// What a class looks like, in numbers, so that two classes can be blended: loose cartoons of dermoscopic criteria.
import type { Random } from '../../lib/random.ts';
import type { Colour } from './canvas.ts';
import { confusable, type DemoClass } from './classes.ts';

/** Patterns: 0 is none of it. */
const patternNames = [
  ...['net', 'globules', 'blotch', 'veil', 'regress', 'streaks', 'milia', 'comedo', 'fissure', 'nests', 'arbor'],
  ...['ulcer', 'scale', 'strawberry', 'lacunae', 'white', 'rough'],
] as const;
const shapeNames = [
  'size',
  'ratio',
  'irregular',
  'edge',
  'mix',
  'asymmetry',
  'depth',
  'netSpacing',
  'netIrregular',
  'rim',
  'halo',
] as const;
type Numbers = Readonly<Record<(typeof patternNames)[number] | (typeof shapeNames)[number], number>>;

export interface Looks extends Numbers {
  /** Three pigments, as factors of the skin's colour. */
  readonly palette: readonly [Colour, Colour, Colour];
  readonly weights: Colour;
}

const LIGHT: Colour = [0.8, 0.66, 0.53];
const BROWN: Colour = [0.62, 0.46, 0.35];
const DARK: Colour = [0.4, 0.28, 0.22];
const BLACK: Colour = [0.24, 0.19, 0.19];
const PINK: Colour = [1, 0.79, 0.77];
const RED: Colour = [0.88, 0.46, 0.44];
const TAN: Colour = [0.86, 0.74, 0.56];
const GREY: Colour = [0.64, 0.57, 0.54];
const PURPLE: Colour = [0.58, 0.32, 0.44];
const PALE: Colour = [1.02, 0.93, 0.9];

/** Half of all lesions borrow 25 to 55 % of their looks from a class like theirs: that keeps the classes apart by degrees. */
const ATYPICAL = { chance: 0.5, low: 0.25, high: 0.55 } as const;
/** Every pattern is stronger or weaker by a factor of its own. */
const STRENGTH = { low: 0.35, high: 1.05 } as const;

/** Looks of one lesion, and the class that an atypical one borrows from. */
export function drawLooks(name: DemoClass, random: Random): { looks: Looks; like: DemoClass | null } {
  const own = typical(name, random);
  const others = confusable[name];
  const other = others[random.below(others.length)]!;
  const borrowed = typical(other, random);
  const isAtypical = random.unit() < ATYPICAL.chance;
  const share = random.between(ATYPICAL.low, ATYPICAL.high);
  return isAtypical ? { looks: blend(own, borrowed, share), like: other } : { looks: own, like: null };
}

function typical(name: DemoClass, random: Random): Looks {
  const u = (low: number, high: number) => random.between(low, high);
  const plain = Object.fromEntries([...patternNames, ...shapeNames].map((key) => [key, 0])) as Numbers;
  const base: Looks = {
    ...plain,
    ...{ size: u(0.38, 0.62), ratio: u(0.72, 1), irregular: 0.06, edge: 0.045, mix: 0.5, depth: 0.9 },
    ...{ netSpacing: 0.1, netIrregular: 0.03, palette: [BROWN, LIGHT, DARK], weights: [1, 0.5, 0.2] },
  };
  const looks: Looks = { ...base, ...criteria[name](u) };
  const strength = Object.fromEntries(
    patternNames.map((key) => [key, looks[key] * u(STRENGTH.low, STRENGTH.high)]),
  ) as Record<(typeof patternNames)[number], number>;
  const shade = (colour: Colour): Colour => {
    const brightness = 1 + 0.05 * random.normal();
    return each(colour, (value) => value * brightness * (1 + 0.025 * random.normal()));
  };
  const [first, second, third] = looks.palette;
  const palette: Looks['palette'] = [shade(first), shade(second), shade(third)];
  const weights = each(looks.weights, (weight) => weight * u(0.5, 1.5));
  return { ...looks, ...strength, palette, weights };
}

function each([a, b, c]: Colour, change: (value: number) => number): Colour {
  return [change(a), change(b), change(c)];
}

type Draw = (low: number, high: number) => number;

const criteria: Readonly<Record<DemoClass, (u: Draw) => Partial<Looks>>> = {
  // Even, symmetric, a fine regular network.
  nv: (u) => ({
    ...{ size: u(0.34, 0.6), irregular: u(0.02, 0.07), edge: u(0.035, 0.08), mix: u(0.1, 0.5), depth: u(0.7, 0.95) },
    ...{ net: u(0.2, 0.8), netSpacing: u(0.085, 0.11), globules: u(0, 14), blotch: u(0, 0.2) },
  }),
  // Asymmetric, several colours, a thick broken network, a veil.
  mel: (u) => ({
    ...{
      size: u(0.42, 0.72),
      ratio: u(0.6, 0.95),
      irregular: u(0.08, 0.18),
      edge: u(0.03, 0.06),
      asymmetry: u(0.3, 1),
    },
    ...{ palette: [DARK, BLACK, BROWN], weights: [1, 0.6, 0.9], mix: u(0.6, 1.2), net: u(0.2, 0.8) },
    ...{ netSpacing: u(0.1, 0.15), netIrregular: u(0.06, 0.12), blotch: u(0.2, 0.9), veil: u(0, 0.8) },
    ...{ regress: u(0, 0.5), streaks: u(0, 16), globules: u(0, 10) },
  }),
  // A sharp edge, dull tan, white and dark dots, fissures.
  bkl: (u) => ({
    ...{ size: u(0.38, 0.68), irregular: u(0.05, 0.13), edge: u(0.012, 0.03), palette: [TAN, GREY, BROWN] },
    ...{ weights: [1, 0.8, 0.7], mix: u(0.4, 0.9), milia: u(3, 16), comedo: u(2, 12), fissure: u(0, 0.8) },
    ...{ rough: u(0.1, 0.6), net: u(0, 0.25) },
  }),
  // Pink, blue-grey nests, branching vessels.
  bcc: (u) => ({
    ...{ size: u(0.36, 0.62), irregular: u(0.05, 0.13), edge: u(0.05, 0.1), palette: [PINK, PALE, LIGHT] },
    ...{ weights: [1, 0.7, 0.35], depth: u(0.7, 1), nests: u(2, 9), arbor: u(1, 5), ulcer: u(0, 0.7) },
    ...{ halo: u(0, 0.4), scale: u(0, 0.2) },
  }),
  // Red and scaly, a blurred edge.
  akiec: (u) => ({
    ...{ size: u(0.38, 0.66), irregular: u(0.06, 0.15), edge: u(0.07, 0.14), palette: [PINK, RED, TAN] },
    ...{ weights: [1, 0.35, 0.5], depth: u(0.6, 1), scale: u(0.25, 0.9), strawberry: u(0.15, 0.8) },
    ...{ rough: u(0.2, 0.8), halo: u(0.1, 0.6), arbor: u(0, 0.6) },
  }),
  // Red and purple lacunae.
  vasc: (u) => ({
    ...{ size: u(0.26, 0.52), irregular: u(0.03, 0.1), edge: u(0.02, 0.05), palette: [RED, PURPLE, PINK] },
    ...{ weights: [1, 0.7, 0.5], lacunae: u(4, 15), mix: u(0.3, 0.8), veil: u(0, 0.2), halo: u(0, 0.3) },
  }),
  // A white centre, a delicate network along the rim.
  df: (u) => ({
    ...{ size: u(0.3, 0.5), ratio: u(0.8, 1), irregular: u(0.02, 0.07), edge: u(0.06, 0.12), mix: u(0.2, 0.6) },
    ...{ palette: [LIGHT, PINK, BROWN], weights: [1, 0.5, 0.5], depth: u(0.6, 0.95), white: u(0.3, 0.95) },
    ...{ rim: u(0.4, 1), net: u(0.2, 0.6), netSpacing: u(0.08, 0.105) },
  }),
};

function blend(a: Looks, b: Looks, share: number): Looks {
  const mix = (x: number, y: number) => (1 - share) * x + share * y;
  const mixColours = (x: Colour, y: Colour): Colour => [mix(x[0], y[0]), mix(x[1], y[1]), mix(x[2], y[2])];
  const numbers = Object.fromEntries(
    [...patternNames, ...shapeNames].map((key) => [key, mix(a[key], b[key])]),
  ) as Numbers;
  const palette = [0, 1, 2].map((k) => mixColours(a.palette[k]!, b.palette[k]!));
  return {
    ...numbers,
    palette: [palette[0]!, palette[1]!, palette[2]!],
    weights: mixColours(a.weights, b.weights),
  };
}
