// A map's grid -> values and colours at pixels: the same arithmetic as the overlays on disk (src/image/upsample.ts and
// blend.ts). Apart from the page's elements, so that the two can be compared number by number.

/** @typedef {{ width: number, height: number, data: Float32Array }} Grid A map, row by row. */
/** @typedef {{ x: number, y: number, width: number, height: number }} Place The part of the picture that a map covers. */
/** @typedef {{ from: number, to: number, lower: Int32Array, upper: Int32Array, fraction: Float64Array }} Axis */

/**
 * Pixel p, with its centre at p + 0.5, lies at u = (p + 0.5 - start) / extent * cells; cell i has its centre at i + 0.5.
 * Between centres values are interpolated, beyond the outer ones the outer value holds.
 * @param {number} cells @param {number} pixels @param {number} start @param {number} extent @param {boolean} smooth
 * @returns {Axis}
 */
export function axisOf(cells, pixels, start, extent, smooth) {
  const from = Math.min(pixels, Math.max(0, Math.ceil(start - 0.5)));
  const to = Math.max(from, Math.min(pixels, Math.ceil(start + extent - 0.5)));
  const lower = new Int32Array(to - from);
  const upper = new Int32Array(to - from);
  const fraction = new Float64Array(to - from);
  for (let i = 0; i < to - from; i++) {
    const u = ((from + i + 0.5 - start) / extent) * cells;
    const at = Math.min(cells - 1, Math.max(0, smooth ? u - 0.5 : Math.floor(u)));
    lower[i] = Math.floor(at);
    fraction[i] = at - lower[i];
    upper[i] = fraction[i] > 0 ? lower[i] + 1 : lower[i];
  }
  return { from, to, lower, upper, fraction };
}

/**
 * Values of row `i` of `down` at the pixels of `across`, into `row`.
 * @param {Grid} grid @param {Axis} across @param {Axis} down @param {number} i @param {Float64Array} row
 */
export function interpolateRow(grid, across, down, i, row) {
  const { width, data } = grid;
  const above = down.lower[i] * width;
  const below = down.upper[i] * width;
  const part = down.fraction[i];
  const cells = new Float64Array(width);
  for (let x = 0; x < width; x++) cells[x] = data[above + x] + part * (data[below + x] - data[above + x]);
  for (let x = 0; x < row.length; x++) {
    const value = cells[across.lower[x]];
    row[x] = value + across.fraction[x] * (cells[across.upper[x]] - value);
  }
}

/**
 * Draws a map into `pixels`, one 32-bit colour each; 0, transparent, where the map does not reach or lies under
 * `threshold`. `bottom` and `top` are the values of the first and the last colour.
 * @param {Uint32Array} pixels @param {number} width @param {number} height
 * @param {{ grid: Grid, place: Place, bottom: number, top: number, threshold: number, smooth: boolean, colors: Uint32Array }} map
 */
export function paintMap(pixels, width, height, { grid, place, bottom, top, threshold, smooth, colors }) {
  pixels.fill(0);
  const across = axisOf(grid.width, width, place.x * width, place.width * width, smooth);
  const down = axisOf(grid.height, height, place.y * height, place.height * height, smooth);
  const gain = top > bottom ? 255 / (top - bottom) : 0;
  const offset = 0.5 - bottom * gain;
  const row = new Float64Array(across.to - across.from);
  for (let i = 0; i < down.to - down.from; i++) {
    interpolateRow(grid, across, down, i, row);
    const at = (down.from + i) * width + across.from;
    for (let x = 0; x < row.length; x++) {
      const level = row[x] * gain + offset;
      if (!(row[x] >= threshold)) continue;
      pixels[at + x] = colors[level >= 255 ? 255 : level <= 0 ? 0 : level | 0];
    }
  }
}

/** @typedef {{ grid: Grid, place: Place, unit: number }} Part One side of a difference, in units of its own top. */

/**
 * Draws first minus second, each as a share of its own top: -1 with the first colour, 0 with the middle, 1 with the last.
 * Only where both maps reach.
 * @param {Uint32Array} pixels @param {number} width @param {number} height
 * @param {{ first: Part, second: Part, smooth: boolean, colors: Uint32Array }} parts
 */
export function paintDifference(pixels, width, height, { first, second, smooth, colors }) {
  pixels.fill(0);
  const [a, b] = [first, second].map(({ grid, place, unit }) => {
    const across = axisOf(grid.width, width, place.x * width, place.width * width, smooth);
    const down = axisOf(grid.height, height, place.y * height, place.height * height, smooth);
    return { grid, across, down, share: unit > 0 ? 1 / unit : 0, row: new Float64Array(across.to - across.from) };
  });
  const left = Math.max(a.across.from, b.across.from);
  const right = Math.min(a.across.to, b.across.to);
  const bottom = Math.min(a.down.to, b.down.to);
  for (let y = Math.max(a.down.from, b.down.from); y < bottom; y++) {
    for (const { grid, across, down, row } of [a, b]) interpolateRow(grid, across, down, y - down.from, row);
    for (let x = left; x < right; x++) {
      const difference = a.row[x - a.across.from] * a.share - b.row[x - b.across.from] * b.share;
      const level = 128 + 127.5 * difference;
      pixels[y * width + x] = colors[level >= 255 ? 255 : level <= 0 ? 0 : level | 0];
    }
  }
}

/**
 * The value that is drawn at a point of the picture, 0..1 each way; null where the map does not reach.
 * @param {Grid} grid @param {Place} place @param {number} x @param {number} y @param {boolean} smooth
 */
export function valueAt(grid, place, x, y, smooth) {
  const u = (x - place.x) / place.width;
  const v = (y - place.y) / place.height;
  if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return null;
  const [x0, x1, fx] = between(u * grid.width, grid.width, smooth);
  const [y0, y1, fy] = between(v * grid.height, grid.height, smooth);
  const { data, width } = grid;
  const above = data[y0 * width + x0] * (1 - fx) + data[y0 * width + x1] * fx;
  const below = data[y1 * width + x0] * (1 - fx) + data[y1 * width + x1] * fx;
  return above * (1 - fy) + below * fy;
}

/** @param {number} u @param {number} cells @param {boolean} smooth @returns {[number, number, number]} */
function between(u, cells, smooth) {
  const at = Math.min(cells - 1, Math.max(0, smooth ? u - 0.5 : Math.floor(u)));
  const lower = Math.floor(at);
  return [lower, Math.min(cells - 1, lower + 1), at - lower];
}

/**
 * 256 colours as 32-bit pixels, opaque; R is the lowest byte, as in ImageData on every machine that browsers run on.
 * @param {Uint8Array} rgb
 */
export function pixelColors(rgb) {
  return Uint32Array.from(
    { length: 256 },
    (_, i) => 0xff000000 | (rgb[3 * i + 2] << 16) | (rgb[3 * i + 1] << 8) | rgb[3 * i],
  );
}
