// All cheap metrics of one sample: each map against the mask and by itself, beside the baselines, and maps against each other.
import type { Heatmap, Mask, Placement } from '../../image/picture.ts';
import { Random } from '../../lib/random.ts';
import { centredMap, randomMap } from './baselines.ts';
import { agreementMetrics, complexityMetrics, localisationMetrics } from './metrics.ts';
import { pairOf } from './pair.ts';
import { reducedMask, sceneOf, seenMask, type SeenMask } from './scene.ts';

/** Metric id -> number; null where it is not defined for this map. Ids that do not apply are absent. */
export type Numbers = Readonly<Record<string, number | null>>;

export interface SampleMap {
  readonly run: string;
  readonly method: string;
  /** Finite; null where no map could be made. */
  readonly map: Heatmap | null;
  /** In pixels of the picture. */
  readonly placement: Placement;
}

export interface CellMeasure {
  readonly run: string;
  readonly method: string;
  /** null: no map. */
  readonly metrics: Numbers | null;
  /** The same metrics of maps that know nothing of the model; empty without a mask. */
  readonly random: Numbers;
  readonly centred: Numbers;
  /** The map has no positive value. */
  readonly zero: boolean;
  /** The model saw nothing of the mask, or the mask is empty. */
  readonly emptyMask: boolean;
}

export interface PairMeasure {
  readonly a: { readonly run: string; readonly method: string };
  readonly b: { readonly run: string; readonly method: string };
  readonly metrics: Numbers;
}

export interface SampleMeasure {
  readonly cells: readonly CellMeasure[];
  /** Two runs under one method, and two methods under one run. */
  readonly pairs: readonly PairMeasure[];
}

/** Random maps whose mean is the random baseline of one sample. */
const DRAWS = 8;

/** `picture`: size in pixels; `name` tells the sample's stream of random numbers from the others'. */
export function measureSample(
  maps: readonly SampleMap[],
  mask: Mask | null,
  { name, width, height }: { readonly name: string; readonly width: number; readonly height: number },
): SampleMeasure {
  const small = mask === null ? null : reducedMask(mask);
  const views = new Map<string, { readonly seen: SeenMask; readonly random: Numbers; readonly centred: Numbers }>();
  const viewOf = ({ map, placement }: SampleMap) => {
    if (small === null || map === null) return null;
    const key = JSON.stringify([placement, map.height, map.width]);
    const known = views.get(key);
    if (known !== undefined) return known;
    const seen = seenMask(small, placement, { width, height });
    const view = { seen, ...baselinesOf(map, seen, name) };
    views.set(key, view);
    return view;
  };
  const cells = maps.map((one): CellMeasure => {
    const view = viewOf(one);
    const usable = view !== null && view.seen.area > 0;
    return {
      run: one.run,
      method: one.method,
      metrics: one.map === null ? null : measureMap(one.map, usable ? view.seen : null),
      random: view?.random ?? {},
      centred: view?.centred ?? {},
      zero: one.map !== null && !one.map.data.some((value) => value > 0),
      emptyMask: view !== null && !usable,
    };
  });
  return { cells, pairs: pairsOf(maps) };
}

/** Complexity, and localisation where there is something to locate. */
function measureMap(map: Heatmap, seen: SeenMask | null): Numbers {
  return {
    ...(seen === null ? {} : locate(map, seen)),
    ...numbersOf(complexityMetrics, (metric) => metric.measure(map)),
  };
}

function locate(map: Heatmap, seen: SeenMask): Numbers {
  const scene = sceneOf(map, seen);
  return numbersOf(localisationMetrics, (metric) => metric.measure(scene));
}

function baselinesOf(grid: Heatmap, seen: SeenMask, name: string): { random: Numbers; centred: Numbers } {
  if (seen.area === 0) return { random: {}, centred: {} };
  const random = Random.of(0, 'random maps', name);
  const draws = Array.from({ length: DRAWS }, () => locate(randomMap(grid.height, grid.width, random), seen));
  return {
    random: numbersOf(localisationMetrics, ({ id }) => draws.reduce((sum, draw) => sum + (draw[id] ?? 0), 0) / DRAWS),
    centred: locate(centredMap(grid.height, grid.width), seen),
  };
}

function pairsOf(maps: readonly SampleMap[]): PairMeasure[] {
  return maps.flatMap((a, i) =>
    maps.slice(i + 1).flatMap((b): PairMeasure[] => {
      const related = (a.run === b.run) !== (a.method === b.method);
      if (!related || a.map === null || b.map === null) return [];
      const metrics = compareMaps({ map: a.map, placement: a.placement }, { map: b.map, placement: b.placement });
      const [x, y] = [a, b].map(({ run, method }) => ({ run, method }));
      return metrics === null ? [] : [{ a: x!, b: y!, metrics }];
    }),
  );
}

/** null where the two maps have no common part of the picture. */
export function compareMaps(
  a: { readonly map: Heatmap; readonly placement: Placement },
  b: { readonly map: Heatmap; readonly placement: Placement },
): Numbers | null {
  const pair = pairOf(a, b);
  return pair === null ? null : numbersOf(agreementMetrics, (metric) => metric.measure(pair));
}

function numbersOf<M extends { readonly id: string }>(
  table: Readonly<Record<string, M>>,
  measure: (metric: M) => number | null,
): Numbers {
  return Object.fromEntries(Object.values(table).map((metric) => [metric.id, measure(metric)]));
}
