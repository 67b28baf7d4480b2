// Pointing game. Zhang et al. 2018, "Top-Down Neural Attention by Excitation Backprop", IJCV 126:1084-1102, arXiv 1608.00507.
//   hit = 1 if argmax_p M(p) lies in the mask R, or within `tolerance` of it; else 0
// Where several pixels share the maximum, one of them is drawn at random and the value is the chance of a hit, so that a
// map that is the same everywhere scores as a random pixel does. The paper's tolerance is 15 pixels; the default is none.
import type { LocalisationMetric } from '../metric.ts';
import type { Scene } from '../scene.ts';

export interface PointingOptions {
  /** Distance from the mask that still counts, as a share of the picture's longer side, 0..1. Default 0. */
  readonly tolerance?: number;
}

export const pointingGame = {
  id: 'pointing-game',
  kind: 'localisation',
  title: 'Pointing game',
  paper: 'Zhang et al. 2018, arXiv 1608.00507',
  formula: '1 if the greatest value of the map lies inside the mask, else 0',
  range: [0, 1],
  better: 'higher',
  measure: (scene: Scene, { tolerance = 0 }: PointingOptions = {}): number | null => {
    const { width, height, values, inside, max, side } = scene;
    if (!(max > 0)) return null;
    const reach = tolerance * side;
    let [hits, tops] = [0, 0];
    for (let p = 0; p < values.length; p++) {
      if (values[p] !== max) continue;
      tops++;
      if (inside[p] === 1 || (reach > 0 && isNear(p % width, Math.floor(p / width)))) hits++;
    }
    return hits / tops;

    function isNear(x: number, y: number): boolean {
      const r = Math.floor(reach);
      for (let v = Math.max(0, y - r); v <= Math.min(height - 1, y + r); v++)
        for (let u = Math.max(0, x - r); u <= Math.min(width - 1, x + r); u++)
          if (inside[v * width + u] === 1 && Math.hypot(u - x, v - y) <= reach) return true;
      return false;
    }
  },
} as const satisfies LocalisationMetric;
