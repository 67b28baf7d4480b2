// Which map value is drawn at the top of the colormap: a named, labelled choice, never a hidden one.

/** A map as scaling sees it. */
export interface ScaledMap {
  readonly method: string;
  readonly sample: string;
  /** Greatest value of the map, and the sum of its positive values. */
  readonly max: number;
  readonly sum: number;
  /** The explained class's logit. */
  readonly logit: number;
}

export interface Scale {
  readonly id: string;
  readonly title: string;
  /** What a reader may conclude from equal colours, for captions. */
  readonly meaning: string;
  /** What the top of the colourbar stands for. */
  readonly top: string;
  /** Maps are divided by this before they are compared: 1, their own sum, their logit. */
  readonly unit: (map: ScaledMap) => number;
  /** Maps with equal keys share one maximum; null: each its own. */
  readonly group: ((map: ScaledMap) => string) | null;
}

const one = (): number => 1;

/** Ways to scale maps for drawing, by the ids that `scale` takes. */
export const scales = {
  'per-map': {
    id: 'per-map',
    title: 'each map to its own maximum',
    meaning: 'Each map is scaled to its own maximum: colours compare places within a map, not strength between maps.',
    top: 'the map’s own maximum',
    unit: one,
    group: null,
  },
  'per-sample': {
    id: 'per-sample',
    title: 'shared over each row',
    meaning:
      'All maps of one sample share one maximum: equal colours are equal contributions to the logit, so runs whose logits differ in scale differ in colour.',
    top: 'the largest value in the row',
    unit: one,
    group: ({ method, sample }) => `${method}/${sample}`,
  },
  global: {
    id: 'global',
    title: 'shared over the report',
    meaning: 'All maps share one maximum: equal colours are equal contributions to the logit anywhere in the report.',
    top: 'the largest value in the report',
    unit: one,
    group: ({ method }) => method,
  },
  mass: {
    id: 'mass',
    title: 'share of the map',
    meaning: 'Each map is divided by its sum: equal colours are equal shares of the attention, whatever the logits.',
    top: 'the largest share of a map in one cell',
    unit: ({ sum }) => sum,
    group: ({ method }) => method,
  },
  'logit-share': {
    id: 'logit-share',
    title: 'share of the logit',
    meaning:
      'Each map is divided by the size of the explained logit: equal colours are equal shares of it, so a scaled logit (LDAM, LMF) does not count.',
    top: 'the largest share of a logit in one cell',
    unit: ({ logit }) => Math.abs(logit),
    group: ({ method }) => method,
  },
} as const satisfies Record<string, Scale>;

/** Id of a scale. */
export type ScaleId = keyof typeof scales;
export const scaleIds = Object.keys(scales) as readonly ScaleId[];

/** Whether the scale is known only once every map is: overlays are then drawn in a second pass. */
export function needsAllMaps(id: ScaleId): boolean {
  return id === 'global' || id === 'mass' || id === 'logit-share';
}

/** Whether each map is scaled by itself: its overlay can be drawn as soon as it is there. */
export function needsNoOther(id: ScaleId): boolean {
  return scales[id].group === null;
}

/** The map value drawn at the top of the colormap for each map, in the map's own unit; 0 where the map is zero. */
export function scaleMaxima(id: ScaleId, maps: readonly ScaledMap[]): number[] {
  const { unit, group }: Scale = scales[id];
  const tops = maps.map((map) => ratio(Math.max(0, map.max), unit(map)));
  if (group === null) return tops;
  const shared = new Map<string, number>();
  for (const [index, map] of maps.entries())
    shared.set(group(map), Math.max(shared.get(group(map)) ?? 0, tops[index]!));
  return maps.map((map) => shared.get(group(map))! * unit(map));
}

const ratio = (value: number, unit: number): number => (unit > 0 ? value / unit : 0);
