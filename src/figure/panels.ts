// One panel of a figure: pixels at the size it is printed at, and lines over them.
import { blendOverlay } from '../image/blend.ts';
import { resizePart, type Part } from '../image/codec.ts';
import { colormaps, type ColormapId } from '../image/colormaps.ts';
import { contourPath } from '../image/contours.ts';
import type { Heatmap, Mask, Picture, Placement } from '../image/picture.ts';
import { upsample } from '../image/upsample.ts';
import { outlinePath, reduceMask } from '../report/outline.ts';
import type { ReportSample } from '../report/report.ts';
import type { Box } from './drawing.ts';
import { contourLevels, type Look } from './look.ts';

/** A map as it is drawn: its grid, where it lies (in shares of the picture), and the value of the last colour. */
export interface ScaledMap {
  readonly map: Heatmap;
  readonly place: Placement;
  readonly top: number;
}

export interface PanelSource {
  readonly sample: ReportSample;
  readonly picture: Picture;
  readonly mask: Mask | null;
  /** In shares of the picture. */
  readonly crop: Box;
}

export interface Panel {
  readonly picture: Picture;
  /** In thousandths of the panel; empty: none. */
  readonly contours: string;
  readonly outline: string;
}

/** Pixels of a panel, [height, width]. */
export interface PanelSize {
  readonly width: number;
  readonly height: number;
}

/** Light grey, under maps that are shown alone. */
const ground = 0xee;

export async function pictureOnly(source: PanelSource, look: Look, size: PanelSize): Promise<Panel> {
  const { picture } = await cropped(source, size);
  return { picture, contours: '', outline: outlineFor(source, look) };
}

/** A map over, beside or without its picture, by `look`. */
export async function mapPanel(source: PanelSource, scaled: ScaledMap, look: Look, size: PanelSize): Promise<Panel> {
  const { picture: under, part } = await cropped(source, size);
  const outline = outlineFor(source, look);
  const lined = look.contours || look.show === 'contour';
  const contours = lined && scaled.top > 0 ? contoursFor(source, scaled) : '';
  if (look.show === 'contour' || look.show === 'input') return { picture: under, contours, outline };
  const alone = look.show === 'map';
  const picture = alone ? plain(size) : under;
  const options = { placement: placed(scaled.place, source, part, size), smooth: look.smooth };
  const drawn = blendOverlay({
    ...options,
    picture,
    heatmap: scaled.map,
    scaleMax: scaled.top,
    scaleMin: look.signed ? -scaled.top : 0,
    colormap: look.signed ? signedColormap(look.colormap) : look.colormap,
    alpha: alone ? 1 : look.alpha,
  });
  if (look.threshold > 0 && !look.signed)
    hideBelow(drawn, picture, upsample(scaled.map, { ...options, ...size }), look.threshold * scaled.top);
  return { picture: drawn, contours, outline };
}

/** First minus second, each in shares of its own top: -1 with the first colour of a diverging colormap, 1 with the last. */
export async function differencePanel(
  source: PanelSource,
  first: ScaledMap,
  second: ScaledMap,
  look: Look,
  size: PanelSize,
): Promise<Panel> {
  const { picture: under, part } = await cropped(source, size);
  const [a, b] = [first, second].map(({ map, place, top }) => {
    const values = upsample(map, { ...size, placement: placed(place, source, part, size), smooth: look.smooth });
    return values.map((value) => (top > 0 ? value / top : value * 0));
  });
  const data = a!.map((value, i) => value - b![i]!);
  const alone = look.show === 'map';
  const picture = blendOverlay({
    picture: alone ? plain(size) : under,
    heatmap: { ...size, data },
    placement: { x: 0, y: 0, ...size },
    scaleMin: -1,
    scaleMax: 1,
    colormap: signedColormap(look.colormap),
    alpha: alone ? 1 : look.alpha,
    smooth: false,
  });
  return { picture, contours: '', outline: outlineFor(source, look) };
}

/** A colormap with a middle, for values of both signs. */
export function signedColormap(id: ColormapId): ColormapId {
  return colormaps[id].kind === 'diverging' ? id : 'vik';
}

async function cropped(
  { picture, crop }: PanelSource,
  { width, height }: PanelSize,
): Promise<{ picture: Picture; part: Part }> {
  const left = Math.min(picture.width - 1, Math.round(crop.x * picture.width));
  const top = Math.min(picture.height - 1, Math.round(crop.y * picture.height));
  const part = {
    left,
    top,
    width: Math.max(1, Math.min(picture.width - left, Math.round(crop.width * picture.width))),
    height: Math.max(1, Math.min(picture.height - top, Math.round(crop.height * picture.height))),
  };
  return { picture: await resizePart(picture, part, width, height), part };
}

/** Where a map that covers `place` of the picture lies among the panel's pixels. */
function placed(place: Placement, { picture }: PanelSource, part: Part, { width, height }: PanelSize): Placement {
  const across = width / part.width;
  const down = height / part.height;
  return {
    x: (place.x * picture.width - part.left) * across,
    y: (place.y * picture.height - part.top) * down,
    width: place.width * picture.width * across,
    height: place.height * picture.height * down,
  };
}

function plain({ width, height }: PanelSize): Picture {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(ground);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return { width, height, rgba };
}

/** Pixels of small values as they were before the map was drawn. */
function hideBelow(drawn: Picture, under: Picture, values: Float32Array, threshold: number): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! >= threshold) continue;
    for (let channel = 0; channel < 4; channel++) drawn.rgba[4 * i + channel] = under.rgba[4 * i + channel]!;
  }
}

function outlineFor({ mask, crop }: PanelSource, look: Look): string {
  return look.mask && mask !== null ? intoCrop(outlinePath(reduceMask(mask)), crop) : '';
}

function contoursFor({ crop }: PanelSource, { map, place, top }: ScaledMap): string {
  const levels = contourLevels.map((share) => share * top);
  return intoCrop(contourPath(map, place, levels), crop);
}

/** Path data in thousandths of the picture as thousandths of a part of it. */
function intoCrop(path: string, { x, y, width, height }: Box): string {
  if (x === 0 && y === 0 && width === 1 && height === 1) return path;
  return path.replace(
    /(-?[\d.]+) (-?[\d.]+)/g,
    (_, across: string, down: string) =>
      `${Number(((Number(across) - 1000 * x) / width).toFixed(2))} ${Number(((Number(down) - 1000 * y) / height).toFixed(2))}`,
  );
}
