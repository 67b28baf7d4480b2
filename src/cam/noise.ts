// Pictures with seeded normal noise.
import type { Random } from '../lib/random.ts';

/** `samples` copies of a picture, each with noise of standard deviation `level` times the picture's range. */
export function* noisy(picture: Float32Array, level: number, samples: number, random: Random): Generator<Float32Array> {
  let [min, max] = [Infinity, -Infinity];
  for (const value of picture) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const deviation = level * (max - min);
  for (let sample = 0; sample < samples; sample++) yield picture.map((value) => value + deviation * random.normal());
}
