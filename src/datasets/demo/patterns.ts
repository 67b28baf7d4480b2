// Patterns on the lesion: network, globules, blotches, veil, vessels, nests, scales and so on. Each is drawn where its
// number in the looks is above nothing.
import type { Random } from '../../lib/random.ts';
import { lengthOf, noise, over, smooth, tint, type Canvas, type Colour, type Field } from './canvas.ts';
import type { Lesion } from './lesion.ts';
import type { Looks } from './looks.ts';
import { countOf, createPen, curve, type Pen, type Point } from './pen.ts';

interface Ground {
  readonly canvas: Canvas;
  readonly lesion: Lesion;
  readonly looks: Looks;
  readonly random: Random;
  readonly skin: Colour;
}

export function paintPatterns(ground: Ground): void {
  paintNetwork(ground);
  paintAreas(ground);
  paintStreaks(ground);
  paintVessels(ground);
  paintSpots(ground);
  paintSurface(ground);
}

/** Three waves at 60 degrees: the holes of a net are round. */
function honeycomb(a: number, b: number, k: number): number {
  return (Math.cos(k * a) + Math.cos(k * (a * 0.5 + b * 0.866)) + Math.cos(k * (a * 0.5 - b * 0.866))) / 3;
}

function paintNetwork({ canvas, lesion, looks, random }: Ground): void {
  if (looks.net <= 0.02) return;
  const { u, v, size, ratio, rho, cover } = lesion;
  const bendU = noise(random, 6, canvas, 2);
  const bendV = noise(random, 6, canvas, 2);
  const where = noise(random, 4, canvas, 2);
  const k = (2 * Math.PI) / looks.netSpacing;
  tint(
    canvas,
    (i) => {
      if (cover[i]! < 0.01) return 0;
      const a = u[i]! * size + looks.netIrregular * bendU[i]!;
      const b = v[i]! * size * ratio + looks.netIrregular * bendV[i]!;
      const ring = Math.exp(-(((rho[i]! - 0.82) / 0.22) ** 2));
      const there = Math.min(1, Math.max(0, 0.55 + 0.5 * where[i]! + looks.rim * (ring - 0.5)));
      return cover[i]! * smooth(-honeycomb(a, b, k), -0.25, 0.45) * there * looks.net * 0.75;
    },
    [0.5, 0.4, 0.34],
  );
}

/** Blotches, a blue-white veil, regression, fissures. */
function paintAreas({ canvas, lesion: { cover, rho }, looks, random, skin }: Ground): void {
  const light = (skin[0] + skin[1] + skin[2]) / 3;
  if (looks.blotch > 0.03) {
    const field = noise(random, 5, canvas);
    const strength = Math.min(1, 0.3 + looks.blotch);
    tint(canvas, (i) => cover[i]! * smooth(field[i]!, 0.5 - looks.blotch * 0.5, 1.5) * strength, [0.36, 0.29, 0.27]);
  }
  if (looks.veil > 0.03) {
    const field = noise(random, 4, canvas, 2);
    const alpha: Field = (i) => cover[i]! * smooth(field[i]! - 0.3 * rho[i]!, 0.1, 1.3) * 0.75 * looks.veil;
    over(canvas, alpha, [0.54 * light, 0.588 * light, 0.72 * light]);
  }
  if (looks.regress > 0.03) {
    const field = noise(random, 5, canvas, 2);
    const pale = brighter(skin, 1.03, 0.04);
    over(canvas, (i) => cover[i]! * smooth(field[i]!, 0.5, 1.5) * 0.7 * looks.regress, pale);
  }
  if (looks.fissure > 0.03) {
    const field = noise(random, 9, canvas, 2);
    const alpha: Field = (i) => cover[i]! * Math.exp(-9 * Math.abs(field[i]!)) * looks.fissure * 0.55;
    tint(canvas, alpha, [0.52, 0.42, 0.36]);
  }
}

function paintStreaks({ canvas, lesion, looks, random }: Ground): void {
  const pen = createPen(canvas, 0.006);
  const [cx, cy] = lesion.centre;
  for (let n = countOf(looks.streaks, random); n > 0; n--) {
    const from = lesion.spot(0.8, 0.95);
    const reach = random.between(0.06, 0.17) / (lengthOf(from[0] - cx, from[1] - cy) + 1e-6);
    const to: Point = [from[0] + (from[0] - cx) * reach, from[1] + (from[1] - cy) * reach];
    pen.line([from, to], random.between(0.012, 0.03), random.between(0.43, 0.9));
  }
  tint(canvas, pen.alpha, [0.36, 0.27, 0.23]);
}

function paintVessels({ canvas, lesion, looks, random }: Ground): void {
  const { cover, spot } = lesion;
  if (looks.strawberry > 0.03) {
    const bendX = noise(random, 10, canvas, 1);
    const bendY = noise(random, 10, canvas, 1);
    const k = (2 * Math.PI) / 0.125;
    const net: Field = (i) => honeycomb(canvas.x[i]! + 0.02 * bendX[i]!, canvas.y[i]! + 0.02 * bendY[i]!, k);
    tint(canvas, (i) => cover[i]! * smooth(-net(i), -0.2, 0.45) * looks.strawberry * 0.55, [0.9, 0.55, 0.53]);
  }
  const pen = createPen(canvas, 0.003);
  for (let n = countOf(looks.arbor, random); n > 0; n--)
    branch(pen, spot(0.5, 1), random.between(0, 2 * Math.PI), random.between(0.016, 0.026), 0, random);
  tint(canvas, (i) => 0.85 * pen.alpha(i), [0.82, 0.3, 0.34]);
}

/** A vessel that forks twice. */
function branch(pen: Pen, from: Point, angle: number, width: number, level: number, random: Random): void {
  const length = random.between(0.14, 0.3) * 0.75 ** level;
  const to: Point = [from[0] + length * Math.cos(angle), from[1] + length * Math.sin(angle)];
  const control: Point = [
    (from[0] + to[0]) / 2 + 0.03 * random.normal(),
    (from[1] + to[1]) / 2 + 0.03 * random.normal(),
  ];
  pen.line(curve(from, control, to), width, 0.82 - 0.12 * level);
  if (level === 2) return;
  branch(pen, to, angle + random.between(0.3, 0.9), width * 0.7, level + 1, random);
  branch(pen, to, angle - random.between(0.3, 0.9), width * 0.7, level + 1, random);
}

/** Round things: globules, nests, an ulcer, lacunae, comedo-like openings, milia-like cysts. */
function paintSpots({ canvas, lesion: { spot }, looks, random, skin }: Ground): void {
  const light = (skin[0] + skin[1] + skin[2]) / 3;
  const discs = (
    count: number,
    softness: number,
    [small, large]: Point,
    [faint, strong]: Point,
    ratio: Point,
  ): Field => {
    const pen = createPen(canvas, softness);
    for (let n = countOf(count, random); n > 0; n--)
      pen.disc(spot(0, 0.88), random.between(small, large), random.between(faint, strong), random.between(...ratio));
    return pen.alpha;
  };
  tint(canvas, discs(looks.globules, 0.006, [0.013, 0.03], [0.35, 0.82], [0.8, 1.2]), [0.42, 0.32, 0.27]);
  const nests = discs(looks.nests, 0.014, [0.03, 0.085], [0.4, 0.78], [0.65, 1.4]);
  over(canvas, nests, [0.46 * light, 0.483 * light, 0.575 * light]);
  if (looks.ulcer > 0.2) {
    const pen = createPen(canvas, 0.01);
    const [ax, ay] = spot(0, 0.5);
    for (let n = 0; n < 5; n++)
      pen.disc(
        [ax + 0.035 * random.normal(), ay + 0.035 * random.normal()],
        random.between(0.03, 0.07),
        0.86,
        random.between(0.7, 1.3),
      );
    tint(canvas, (i) => pen.alpha(i) * looks.ulcer, [0.6, 0.24, 0.22]);
  }
  tint(canvas, discs(0.65 * looks.lacunae, 0.01, [0.035, 0.1], [0.55, 0.94], [0.75, 1.25]), [0.74, 0.22, 0.26]);
  tint(canvas, discs(0.35 * looks.lacunae, 0.01, [0.035, 0.1], [0.55, 0.94], [0.75, 1.25]), [0.4, 0.2, 0.34]);
  tint(canvas, discs(looks.comedo, 0.005, [0.014, 0.036], [0.47, 0.9], [0.7, 1.3]), [0.38, 0.27, 0.2]);
  over(canvas, discs(looks.milia, 0.006, [0.012, 0.032], [0.43, 0.86], [1, 1]), brighter(skin, 1.08, 0.1));
}

/** A white centre, scales. */
function paintSurface({ canvas, lesion: { cover, centre, size }, looks, random, skin }: Ground): void {
  if (looks.white > 0.05) {
    const [cx, cy] = [centre[0] + 0.05 * random.normal(), centre[1] + 0.05 * random.normal()];
    const radius = size * random.between(0.42, 0.62);
    const field = noise(random, 6, canvas, 2);
    const alpha: Field = (i) => {
      const r = lengthOf(canvas.x[i]! - cx, canvas.y[i]! - cy) / radius + 0.18 * field[i]!;
      return (1 - smooth(r, 0.45, 1.15)) * 0.85 * looks.white;
    };
    over(canvas, alpha, brighter(skin, 1.06, 0.07));
  }
  if (looks.scale > 0.03) {
    const field = noise(random, 9, canvas);
    const grain = noise(random, 40, canvas, 1);
    const strength = Math.min(1, 0.25 + looks.scale);
    const alpha: Field = (i) =>
      cover[i]! *
      smooth(field[i]!, 1 - looks.scale, 1.9 - looks.scale) *
      Math.min(1, Math.max(0, 0.6 + 0.35 * grain[i]!)) *
      strength;
    over(canvas, alpha, brighter([skin[0] * 1.1, skin[1] * 1.08, skin[2] * 0.98], 1, 0.06));
  }
}

function brighter([r, g, b]: Colour, factor: number, plus: number): Colour {
  return [Math.min(1, r * factor + plus), Math.min(1, g * factor + plus), Math.min(1, b * factor + plus)];
}
