// How maps are drawn in a figure.
import type { ColormapId } from '../image/colormaps.ts';
import type { ScaleId } from '../report/scale.ts';

export const shows = ['overlay', 'map', 'contour', 'input'] as const;
export type Show = (typeof shows)[number];

export interface Look {
  /** overlay: the map over the picture. map: alone. contour: its lines over the picture. input: the picture alone. */
  readonly show: Show;
  readonly scale: ScaleId;
  readonly colormap: ColormapId;
  /** Opacity of the map, 0..1. */
  readonly alpha: number;
  /** Interpolated between cells, or cell by cell. */
  readonly smooth: boolean;
  /** Share of the top under which nothing is drawn, 0..1. */
  readonly threshold: number;
  /** Lines at a quarter, a half and three quarters of the top, over whatever is shown. */
  readonly contours: boolean;
  /** Evidence against in the other half of a diverging colormap. */
  readonly signed: boolean;
  /** The mask's outline. */
  readonly mask: boolean;
}

/** Shares of the top where contours are drawn. */
export const contourLevels = [0.25, 0.5, 0.75] as const;
