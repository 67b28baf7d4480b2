// The table of colormaps.
import { unknownName } from '../lib/names.ts';
import type { Colormap } from './colormap.ts';
import { cividis } from './colormaps/cividis.ts';
import { grey } from './colormaps/grey.ts';
import { inferno } from './colormaps/inferno.ts';
import { jet } from './colormaps/jet.ts';
import { magma } from './colormaps/magma.ts';
import { turbo } from './colormaps/turbo.ts';
import { vik } from './colormaps/vik.ts';
import { viridis } from './colormaps/viridis.ts';

/** Colormaps by the ids that `colormap` takes: 256 colours each. */
export const colormaps = { viridis, magma, cividis, inferno, turbo, grey, jet, vik } as const satisfies Record<
  string,
  Colormap
>;
/** Id of a colormap. */
export type ColormapId = keyof typeof colormaps;
export const colormapIds = Object.keys(colormaps) as readonly ColormapId[];

export const defaultColormap: ColormapId = 'viridis';

/** The colormap of that id, or the object itself where one is passed. Throws GradcamError `unknown-colormap`. */
export function requireColormap(colormap: string | Colormap): Colormap {
  if (typeof colormap !== 'string') return colormap;
  const found = Object.values<Colormap>(colormaps).find((candidate) => candidate.id === colormap);
  if (found === undefined) throw unknownName('colormap', colormap, Object.keys(colormaps));
  return found;
}
