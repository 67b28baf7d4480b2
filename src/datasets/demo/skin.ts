// The ground: skin of one of six tones, mottled, furrowed, freckled.
import type { Random } from '../../lib/random.ts';
import { createCanvas, dim, noise, tint, type Canvas, type Colour } from './canvas.ts';
import { createPen } from './pen.ts';

const TONES: readonly Colour[] = [
  [0.95, 0.8, 0.74],
  [0.91, 0.73, 0.63],
  [0.84, 0.64, 0.51],
  [0.73, 0.52, 0.4],
  [0.57, 0.39, 0.29],
  [0.41, 0.28, 0.21],
];
/** How often each tone comes, summed up. */
const SHARES = [0.24, 0.54, 0.76, 0.88, 0.96, 1];

export function drawSkin(height: number, random: Random): { canvas: Canvas; skin: Colour } {
  const pick = random.unit();
  const tone = SHARES.findIndex((share) => pick < share);
  const next = Math.min(5, Math.max(0, tone + (random.unit() < 0.5 ? -1 : 1)));
  const part = random.between(0, 0.5);
  const [r, g, b] = [0, 1, 2].map(
    (c) => (TONES[tone]![c]! * (1 - part) + TONES[next]![c]! * part) * (1 + 0.02 * random.normal()),
  );
  const skin: Colour = [r!, g!, b!];
  const canvas = createCanvas(height, skin);
  const shade = noise(random, 4, canvas);
  const grain = noise(random, 60, canvas, 2);
  dim(canvas, (i) => 1 + 0.03 * shade[i]! + 0.012 * grain[i]!);
  const red = noise(random, 5, canvas);
  const redness = random.between(0, 2);
  tint(canvas, (i) => Math.max(0, 0.1 * red[i]!) * redness, [1, 0.72, 0.7]);
  const furrows = noise(random, 22, canvas, 1);
  const across = noise(random, 26, canvas, 1);
  const depth = 0.05 * random.between(0.2, 1);
  dim(canvas, (i) => 1 - depth * Math.exp(-9 * Math.abs(furrows[i]! * across[i]!)));
  if (random.unit() < 0.25) freckles(canvas, random);
  return { canvas, skin };
}

function freckles(canvas: Canvas, random: Random): void {
  const pen = createPen(canvas, 0.014);
  for (let n = 3 + random.below(15); n > 0; n--)
    pen.disc(
      [random.between(-1.3, 1.3), random.between(-1, 1)],
      random.between(0.012, 0.05),
      random.between(0.2, 0.67),
      random.between(0.7, 1.3),
    );
  tint(canvas, pen.alpha, [0.8, 0.66, 0.53]);
}
