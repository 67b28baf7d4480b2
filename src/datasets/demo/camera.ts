// The camera: uneven light, vignette, dark corners, glare, exposure, focus, noise.
import type { Random } from '../../lib/random.ts';
import { ASPECT, blurCanvas, dim, lengthOf, noise, over, smooth, type Canvas } from './canvas.ts';

/** Names of what was drawn besides. */
export function takePicture(canvas: Canvas, random: Random): string[] {
  const { rgb, x, y } = canvas;
  const drawn: string[] = [];
  const angle = random.between(0, 2 * Math.PI);
  const slope = random.between(0, 0.12);
  const vignette = 0.6 * random.between(0.02, 0.28);
  dim(canvas, (i) => {
    const away = Math.min(1.6, lengthOf((x[i]! / ASPECT) * 1.12, y[i]!));
    return (
      (1 + slope * (Math.cos(angle) * x[i]! + Math.sin(angle) * y[i]!)) * (1 - vignette * away * away * Math.sqrt(away))
    );
  });
  const hasCorners = random.unit() < 0.14;
  const rim = random.between(1.08, 1.32);
  if (hasCorners) {
    dim(canvas, (i) => 1 - 0.96 * smooth(lengthOf(x[i]!, y[i]!), rim - 0.03, rim + 0.04));
    drawn.push('dark corners');
  }
  if (random.unit() < 0.18) {
    const [cx, cy] = [random.between(-0.9, 0.9), random.between(-0.7, 0.7)];
    const [wide, high] = [random.between(0.06, 0.2), random.between(0.06, 0.2)];
    over(canvas, (i) => 0.45 * Math.exp(-(((x[i]! - cx) / wide) ** 2) - ((y[i]! - cy) / high) ** 2), [1, 1, 1]);
    drawn.push('glare');
  }
  const exposure = random.between(0.84, 1.1);
  const gains = [0, 1, 2].map(() => exposure * (1 + 0.03 * random.normal()));
  const gamma = random.between(0.88, 1.14);
  for (let at = 0; at < rgb.length; at++) rgb[at] = Math.min(1, Math.max(0, rgb[at]! * gains[at % 3]!)) ** gamma;
  blurCanvas(canvas, (random.between(0.002, 0.011) * canvas.height) / 2);
  const strength = random.between(0.004, 0.016);
  const grain = noise(random, 225, canvas, 1);
  for (let at = 0; at < rgb.length; at++)
    rgb[at] = Math.min(1, Math.max(0, rgb[at]! + strength * grain[Math.floor(at / 3)]!));
  return drawn;
}
