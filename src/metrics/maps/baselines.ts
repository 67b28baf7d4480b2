// Maps that know nothing of the model: what any localisation number must be read beside. Lesions and objects lie in the
// middle of their pictures, so a spot in the centre already scores well.
import type { Heatmap } from '../../image/picture.ts';
import type { Random } from '../../lib/random.ts';

/** Every cell evenly from [0, 1), on a grid like the maps that it stands beside: as coarse and as smooth as they are. */
export function randomMap(height: number, width: number, random: Random): Heatmap {
  return { height, width, data: Float32Array.from({ length: height * width }, () => random.unit()) };
}

/** Standard deviation of the centred spot, as a share of each side. */
const SPREAD = 0.25;

/** exp(-((x - 1/2)^2 + (y - 1/2)^2) / (2 s^2)) at the cell centres of a grid over the model's input, s = 1/4 of the side. */
export function centredMap(height: number, width: number): Heatmap {
  const bell = (index: number, count: number): number => ((index + 0.5) / count - 0.5) ** 2 / (2 * SPREAD ** 2);
  const data = Float32Array.from({ length: height * width }, (_, cell) =>
    Math.exp(-bell(cell % width, width) - bell(Math.floor(cell / width), height)),
  );
  return { height, width, data };
}
