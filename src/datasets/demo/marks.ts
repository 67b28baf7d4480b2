// What is in the way, equally in every class (hair, bubbles, ink), and the two shortcuts (sticker, ruler).
import type { Random } from '../../lib/random.ts';
import { ASPECT, lengthOf, over, smooth, tint, type Canvas, type Colour } from './canvas.ts';
import { createPen, curve, type Point } from './pen.ts';

/** Hair, bubbles of gel, ink of a marker: names of what was drawn. */
export function paintDistractors(canvas: Canvas, random: Random): string[] {
  const drawn: string[] = [];
  if (random.unit() < 0.45) {
    paintHair(canvas, random);
    drawn.push('hair');
  }
  if (random.unit() < 0.28) {
    paintBubbles(canvas, random);
    drawn.push('bubbles');
  }
  if (random.unit() < 0.06) {
    paintInk(canvas, random);
    drawn.push('ink');
  }
  return drawn;
}

function paintHair(canvas: Canvas, random: Random): void {
  const pen = createPen(canvas, 0.002);
  const main = random.between(0, Math.PI);
  for (let n = 2 + random.below(18); n > 0; n--) {
    const from = anywhere(random);
    const angle = main + 0.5 * random.normal();
    const length = random.between(0.3, 1.3);
    const to: Point = [from[0] + length * Math.cos(angle), from[1] + length * Math.sin(angle)];
    const control: Point = [
      (from[0] + to[0]) / 2 + 0.15 * random.normal(),
      (from[1] + to[1]) / 2 + 0.15 * random.normal(),
    ];
    pen.line(curve(from, control, to), random.between(0.008, 0.018), random.between(0.55, 0.92));
  }
  const grey = random.unit() < 0.2 ? 3.6 : 1;
  over(canvas, pen.alpha, [0.16 * grey, 0.11 * grey, 0.09 * grey]);
}

function paintBubbles(canvas: Canvas, random: Random): void {
  const pen = createPen(canvas, 0.004);
  for (let n = 1 + random.below(13); n > 0; n--) {
    const [x, y] = anywhere(random);
    const radius = random.between(0.015, 0.1);
    pen.ring([x, y], radius, 0.84 * radius, 0.41);
    pen.disc([x - 0.35 * radius, y - 0.35 * radius], 0.22 * radius, 0.9);
  }
  over(canvas, pen.alpha, [0.97, 0.97, 0.96]);
}

function paintInk(canvas: Canvas, random: Random): void {
  const pen = createPen(canvas, 0.01);
  const [x, y]: Point = [random.between(-1.2, 1.2), sign(random) * random.between(0.55, 0.9)];
  const near = (spread: number): Point => [x + spread * random.normal(), y + spread * random.normal()];
  pen.line(curve([x, y], near(0.2), near(0.5)), random.between(0.03, 0.06), 0.75);
  tint(canvas, pen.alpha, [0.42, 0.33, 0.66]);
}

const STICKERS: readonly Colour[] = [
  [0.93, 0.62, 0.2],
  [0.28, 0.6, 0.36],
  [0.24, 0.44, 0.76],
  [0.9, 0.82, 0.3],
];

/** Draws the shortcuts asked for and marks them in `cue`. All numbers are drawn either way: leaving one out changes no other. */
export function paintShortcuts(
  canvas: Canvas,
  random: Random,
  wanted: { readonly patch: boolean; readonly ruler: boolean },
  cue: Uint8Array,
): void {
  const centre: Point = [sign(random) * random.between(1, 1.3), sign(random) * random.between(0.45, 0.95)];
  const radius = random.between(0.26, 0.42);
  const colour = STICKERS[random.below(STICKERS.length)]!;
  if (wanted.patch) paintSticker(canvas, centre, radius, colour, cue);
  const isLevel = random.unit() < 0.6;
  const edge = sign(random) * random.between(0.8, 0.92);
  const step = random.between(0.1, 0.15);
  const offset = random.between(0, 0.1);
  const shade = random.between(0.1, 0.3);
  if (wanted.ruler) paintRuler(canvas, { isLevel, edge, step, offset, shade }, cue);
}

function paintSticker(canvas: Canvas, [cx, cy]: Point, radius: number, colour: Colour, cue: Uint8Array): void {
  const distance = (i: number) => lengthOf(canvas.x[i]! - cx, canvas.y[i]! - cy);
  over(canvas, (i) => 0.93 * smooth(-distance(i), -radius - 0.012, -radius + 0.012), colour);
  for (let i = 0; i < cue.length; i++) if (distance(i) < radius) cue[i] = 1;
}

interface Ruler {
  readonly isLevel: boolean;
  readonly edge: number;
  readonly step: number;
  readonly offset: number;
  readonly shade: number;
}

function paintRuler(canvas: Canvas, { isLevel, edge, step, offset, shade }: Ruler, cue: Uint8Array): void {
  const pen = createPen(canvas, 0.002);
  const place = (along: number, across: number): Point => (isLevel ? [along, across] : [across * ASPECT, along]);
  const ticks = Math.floor(1.5 / step);
  for (let k = -ticks; k <= ticks; k++) {
    const length = (k % 5 === 0 ? 0.15 : 0.08) * Math.sign(edge);
    const along = k * step + offset;
    pen.line([place(along, edge), place(along, edge - length)], 0.016, 0.86);
  }
  pen.line([place(-1.4, edge), place(1.4, edge)], 0.014, 0.86);
  over(canvas, pen.alpha, [shade, shade, shade]);
  for (let i = 0; i < cue.length; i++) if (pen.alpha(i) > 0.3) cue[i] = 1;
}

function anywhere(random: Random): Point {
  return [random.between(-1.3, 1.3), random.between(-1, 1)];
}

function sign(random: Random): number {
  return random.unit() < 0.5 ? -1 : 1;
}
