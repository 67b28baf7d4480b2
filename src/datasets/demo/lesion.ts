// The lesion: its outline, its pigment, and where points on it lie.
import type { Random } from '../../lib/random.ts';
import { dim, lengthOf, noise, sigmoid, tint, type Canvas } from './canvas.ts';
import type { Looks } from './looks.ts';
import type { Point } from './pen.ts';

export interface Lesion {
  readonly centre: Point;
  readonly size: number;
  readonly ratio: number;
  /** Coordinates along its own axes, its half-axes at 1. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  /** 0 in the middle, 1 at the outline. */
  readonly rho: Float32Array;
  /** How much of a pixel belongs to it, soft at the edge. */
  readonly cover: Float32Array;
  /** 1 inside the outline. */
  readonly mask: Uint8Array;
  /** A random point whose rho lies between `inner` and `outer`. */
  readonly spot: (inner: number, outer: number) => Point;
}

/** The same lesion photographed again lies a little elsewhere. */
export interface View {
  readonly shift: Point;
  readonly turn: number;
  readonly zoom: number;
}

/** Finds the outline: an ellipse with harmonics, wobbling. */
export function placeLesion(canvas: Canvas, looks: Looks, random: Random, view: View): Lesion {
  const { width, height, x, y } = canvas;
  const centre: Point = [0.16 * random.normal() + view.shift[0], 0.12 * random.normal() + view.shift[1]];
  const angle = random.between(0, Math.PI) + view.turn;
  const size = looks.size * 1.15 * view.zoom;
  const { ratio } = looks;
  const waves = Array.from({ length: 7 }, (_, k) => {
    const height = (looks.irregular * random.normal()) / Math.sqrt(k + 1);
    return { height: k === 0 ? 0 : height, phase: random.between(0, 2 * Math.PI) };
  });
  const radius = (theta: number): number => {
    let sum = 1;
    for (let k = 0; k < 7; k++) sum += waves[k]!.height * Math.cos((k + 1) * theta + waves[k]!.phase);
    return sum;
  };
  const wobbleX = noise(random, 7, canvas);
  const wobbleY = noise(random, 7, canvas);
  const wobble = looks.irregular * 0.45;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [u, v, rho, cover] = Array.from({ length: 4 }, () => new Float32Array(width * height));
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i++) {
    const dx = x[i]! + wobble * wobbleX[i]! - centre[0];
    const dy = y[i]! + wobble * wobbleY[i]! - centre[1];
    u![i] = (dx * cos + dy * sin) / size;
    v![i] = (-dx * sin + dy * cos) / (size * ratio);
    const away = lengthOf(u![i]!, v![i]!);
    // Far outside the outline's waves do not matter, and most pixels are there.
    rho![i] = away > 2.5 ? away : away / Math.max(0.3, radius(Math.atan2(v![i]!, u![i]!)));
    const inside = (1 - rho![i]!) * size;
    cover![i] = sigmoid((inside / looks.edge) * 2.2);
    mask[i] = inside > 0 ? 1 : 0;
  }
  const spot = (inner: number, outer: number): Point => {
    const theta = random.between(0, 2 * Math.PI);
    const reach = Math.sqrt(random.between(inner ** 2, outer ** 2)) * radius(theta);
    const [a, b] = [reach * Math.cos(theta) * size, reach * Math.sin(theta) * size * ratio];
    return [centre[0] + a * cos - b * sin, centre[1] + a * sin + b * cos];
  };
  return { centre, size, ratio, u: u!, v: v!, rho: rho!, cover: cover!, mask, spot };
}

/** A reddish halo, then three pigments mixed by smooth noise and one slope. */
export function paintPigment(canvas: Canvas, lesion: Lesion, looks: Looks, random: Random): void {
  const { rgb } = canvas;
  const { rho, cover, size, u, v } = lesion;
  if (looks.halo > 0.02)
    tint(canvas, (i) => looks.halo * Math.exp(-Math.max(0, (rho[i]! - 1) * size) / 0.16), [1, 0.76, 0.74]);
  const direction = random.between(0, 2 * Math.PI);
  const [slopeU, slopeV] = [Math.cos(direction), Math.sin(direction)];
  const fields = looks.weights.map((weight, k) => ({
    base: Math.log(Math.max(0.05, weight)),
    wave: noise(random, 5 + k, canvas),
  }));
  const uneven = noise(random, 14, canvas);
  const slopes = [1.2 * looks.asymmetry, -0.8 * looks.asymmetry, 0];
  for (let i = 0; i < cover.length; i++) {
    if (cover[i]! < 1e-4) continue;
    const slope = slopeU * u[i]! + slopeV * v[i]!;
    const parts = fields.map(({ base, wave }, k) =>
      Math.exp(1.6 * (base + looks.mix * 1.3 * wave[i]! + slopes[k]! * Math.max(-3, Math.min(3, slope)))),
    );
    const sum = parts[0]! + parts[1]! + parts[2]!;
    const ring = Math.exp(-(((rho[i]! - 0.82) / 0.22) ** 2));
    const depth = looks.depth * (1 - 0.55 * looks.rim * (1 - ring)) * (1 + 0.06 * uneven[i]!);
    const alpha = cover[i]! * Math.min(1, Math.max(0, depth));
    for (let c = 0; c < 3; c++) {
      const tone =
        (parts[0]! * looks.palette[0][c]! + parts[1]! * looks.palette[1][c]! + parts[2]! * looks.palette[2][c]!) / sum;
      rgb[3 * i + c] = rgb[3 * i + c]! * (1 + alpha * (tone - 1));
    }
  }
  if (looks.rough > 0.03) {
    const grain = noise(random, 34, canvas, 2);
    dim(canvas, (i) => 1 + cover[i]! * looks.rough * 0.11 * grain[i]!);
  }
}
