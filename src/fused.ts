// Several layers as one map (`--layer a+b`), test-time smoothing, methods left out: mappers made of mappers.
import { upsample } from './image/upsample.ts';
import type { PassMap } from './cam/method.ts';
import { flipAcross } from './picture-layout.ts';
import type { Mapper } from './mapper.ts';
import type { Inferred } from './runs.ts';
import { explainedClass } from './targets.ts';

/**
 * The mean over layers of each layer's maps, brought to the finest grid by bilinear interpolation between cell centres. Layers
 * differ in the size of their values, so each map is divided by its own greatest absolute value first (a zero map stays zero);
 * this is what fusing means here, asked for by naming several layers, and the fused map has no unit.
 */
export function fuseLayers(mappers: readonly Mapper[]): Mapper {
  const [first] = mappers;
  if (mappers.length === 1) return first!;
  const grids = first!.grids.map((_, m) => finest(mappers.map((mapper) => mapper.grids[m]!)));
  return {
    grids,
    async infer(inputs, classes) {
      const inferred: Inferred[] = [];
      for (const mapper of mappers) inferred.push(await mapper.infer(inputs, classes));
      const explained = async (chosen: readonly number[]): Promise<PassMap[][]> => {
        const layers: (readonly (readonly PassMap[])[])[] = [];
        for (const one of inferred) layers.push(await one.explained(chosen));
        return grids.map((grid, m) =>
          inputs.map((_, sample) => {
            const maps = layers.map((layer) => layer[m]![sample]!);
            const parts = maps.map(({ map }, l) => resized(scaled(map), mappers[l]!.grids[m]!, grid));
            return { map: meanOf(parts), note: maps.find(({ note }) => note != null)?.note ?? null };
          }),
        );
      };
      return { logits: inferred[0]!.logits, explained, maps: withoutNotes(explained) };
    },
    async close() {
      await Promise.all(mappers.map((mapper) => mapper.close()));
    },
  };
}

/** The mapper with the methods in their places that it was opened without: one for each reason, null for those it has. */
export function withLeftOut(mapper: Mapper, reasons: readonly (string | null)[]): Mapper {
  /** Of each method, its place in the mapper; -1: left out. */
  let count = 0;
  const places = reasons.map((reason) => (reason === null ? count++ : -1));
  return {
    ...mapper,
    grids: places.map((place) => mapper.grids[place] ?? [1, 1]),
    async infer(inputs, classes) {
      const inferred = await mapper.infer(inputs, classes);
      const explained = async (chosen: readonly number[]): Promise<PassMap[][]> => {
        const maps = await inferred.explained(chosen);
        const missing = (note: string | null): PassMap[] => inputs.map(() => ({ map: Float32Array.of(NaN), note }));
        return places.map((place, method) => [...(maps[place] ?? missing(reasons[method]!))]);
      };
      return { ...inferred, explained, maps: withoutNotes(explained) };
    },
  };
}

/** Factors on the picture as the model takes it, each as it is and mirrored: the six of pytorch-grad-cam's aug_smooth. */
const FACTORS = [0.9, 1, 1.1];

/**
 * The mean of the maps of six versions of each picture (mirrored left to right or not, times 0.9, 1, 1.1), mirrored ones
 * mirrored back. Logits are those of the picture itself, and so is the class where a run explains its own top one.
 */
export function smoothVersions(
  mapper: Mapper,
  shape: readonly [number, number, number],
  layout: 'nchw' | 'nhwc',
): Mapper {
  return {
    ...mapper,
    async infer(inputs, classes) {
      const plain = await mapper.infer(inputs, classes);
      const explained = async (chosen: readonly number[]): Promise<PassMap[][]> => {
        const settled = chosen.map((index, sample) => explainedClass(index, plain.logits[sample]!));
        const versions: PassMap[][][] = [];
        for (const mirrored of [false, true])
          for (const factor of FACTORS) {
            const changed = inputs.map((input) => {
              const times = input.map((value) => value * factor);
              return mirrored ? flipAcross(times, shape, layout) : times;
            });
            const maps = await (await mapper.infer(changed, settled)).explained(settled);
            versions.push(
              maps.map((samples, m) =>
                samples.map(({ map, note = null }) => {
                  const [height, width] = mapper.grids[m]!;
                  return { map: mirrored ? flipAcross(map, [height, width, 1], 'nhwc') : map, note };
                }),
              ),
            );
          }
        return mapper.grids.map((_, m) =>
          inputs.map((_, sample) => ({
            map: meanOf(versions.map((version) => version[m]![sample]!.map)),
            note: versions.find((version) => version[m]![sample]!.note !== null)?.[m]![sample]!.note ?? null,
          })),
        );
      };
      return { logits: plain.logits, explained, maps: withoutNotes(explained) };
    },
  };
}

const withoutNotes =
  (explained: (chosen: readonly number[]) => Promise<PassMap[][]>) =>
  async (chosen: readonly number[]): Promise<Float32Array[][]> =>
    (await explained(chosen)).map((samples) => samples.map(({ map }) => map));

function finest(grids: readonly (readonly [number, number])[]): readonly [number, number] {
  return grids.reduce((best, grid) => (grid[0] * grid[1] > best[0] * best[1] ? grid : best));
}

function scaled(map: Float32Array): Float32Array {
  const top = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return top > 0 ? map.map((value) => value / top) : map;
}

function resized(data: Float32Array, from: readonly [number, number], to: readonly [number, number]): Float32Array {
  if (from.join() === to.join()) return data;
  const [height, width] = from;
  return upsample({ height, width, data }, { height: to[0], width: to[1] });
}

function meanOf(maps: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(maps[0]!.length);
  for (const map of maps) for (let at = 0; at < sum.length; at++) sum[at]! += map[at]!;
  return Float32Array.from(sum, (value) => value / maps.length);
}
