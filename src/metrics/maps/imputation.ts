// Noisy linear imputation, ROAD's way to remove pixels without leaving their outline behind. Rong et al. 2022, "A Consistent
// and Efficient Evaluation Strategy for Attribution Methods", arXiv 2202.00449, section 4.2.
//   x_i = sum_j w_ij x_j   for every removed pixel i over its neighbours j, known or removed
//   w = 1/6 for the four direct neighbours, 1/12 for the four diagonal ones; of neighbours outside the picture the weight is
//   left out and the others grow in proportion
// then noise of standard deviation 0.01 is added.
import type { Random } from '../../lib/random.ts';
import type { InputShape } from './baseline-inputs.ts';
import { levelsOf, solve, type Level } from './sparse-grid.ts';

const DIRECT = 1 / 6;
const DIAGONAL = 1 / 12;
const NOISE = 0.01;
/** Greatest change in the solver's last step, in units of the (normalised) input: far below the noise. */
const TOLERANCE = 3e-4;

export interface ImputationOptions {
  /** Standard deviation of the noise. Default 0.01. */
  readonly noise?: number;
  /** The solver stops when a step changes no value by more. Default 3e-4. */
  readonly tolerance?: number;
}

/** Neighbours of a pixel, [down, right, weight]. */
const NEIGHBOURS: readonly (readonly [number, number, number])[] = [
  [-1, -1, DIAGONAL],
  [-1, 0, DIRECT],
  [-1, 1, DIAGONAL],
  [0, -1, DIRECT],
  [0, 1, DIRECT],
  [1, -1, DIAGONAL],
  [1, 0, DIRECT],
  [1, 1, DIAGONAL],
];

/** The input with the pixels where `removed` is 1 filled in from around; all removed: noise about 0. Own array. */
export function imputed(
  input: Float32Array,
  removed: Uint8Array,
  { height, width, channels, layout }: InputShape,
  random: Random,
  { noise = NOISE, tolerance = TOLERANCE }: ImputationOptions = {},
): Float32Array {
  const size = height * width;
  const pixels = Uint32Array.from(removed.keys()).filter((pixel) => removed[pixel] === 1);
  const out = Float32Array.from(input);
  if (pixels.length === size) return out.map(() => noise * random.normal());
  const { levels, known } = systemOf(pixels, removed, width, height);
  for (let channel = 0; channel < channels; channel++) {
    const at = (pixel: number): number => (layout === 'nchw' ? channel * size + pixel : pixel * channels + channel);
    const right = new Float64Array(pixels.length);
    let sum = 0;
    for (let i = 0; i < known.pixels.length; i++) {
      const value = input[at(known.pixels[i]!)]!;
      right[known.unknowns[i]!]! += known.weights[i]! * value;
      sum += value;
    }
    const mean = sum / Math.max(1, known.pixels.length);
    const filled = solve(levels, right, new Float64Array(pixels.length).fill(mean), tolerance);
    for (const [k, pixel] of pixels.entries()) out[at(pixel)] = filled[k]! + noise * random.normal();
  }
  return out;
}

interface System {
  readonly levels: readonly Level[];
  /** Every known pixel beside an unknown one: number of the unknown, pixel, weight. */
  readonly known: {
    readonly unknowns: readonly number[];
    readonly pixels: readonly number[];
    readonly weights: readonly number[];
  };
}

/** The equations of the removed pixels, numbered in rows: (sum of weights) x_i - sum_j w_ij x_j = what is known. */
function systemOf(pixels: Uint32Array, removed: Uint8Array, width: number, height: number): System {
  const number = new Int32Array(removed.length).fill(-1);
  for (const [k, pixel] of pixels.entries()) number[pixel] = k;
  const n = pixels.length;
  const finest: Level = {
    x: Int32Array.from(pixels, (pixel) => pixel % width),
    y: Int32Array.from(pixels, (pixel) => Math.floor(pixel / width)),
    neighbours: new Int32Array(8 * n).fill(-1),
    weights: new Float64Array(8 * n),
    diagonal: new Float64Array(n),
    coarse: null,
  };
  const known = { unknowns: [] as number[], pixels: [] as number[], weights: [] as number[] };
  for (let k = 0; k < n; k++) {
    for (let e = 0; e < 8; e++) {
      const [down, right, weight] = NEIGHBOURS[e]!;
      const [u, v] = [finest.x[k]! + right, finest.y[k]! + down];
      if (u < 0 || v < 0 || u >= width || v >= height) continue;
      finest.diagonal[k]! += weight;
      const pixel = v * width + u;
      if (removed[pixel] !== 1) {
        known.unknowns.push(k);
        known.pixels.push(pixel);
        known.weights.push(weight);
      } else {
        finest.neighbours[8 * k + e] = number[pixel]!;
        finest.weights[8 * k + e] = weight;
      }
    }
  }
  return { levels: levelsOf(finest), known };
}
