// Which value of each map is drawn with the last colour, under each scale: the arithmetic of src/report/scale.ts on the
// numbers that the page carries.

/**
 * @typedef {object} Strength What scaling needs to know of a map.
 * @property {number} max its greatest value, at least 0
 * @property {number} sum of its positive values
 * @property {number} logit of the explained class
 * @property {number} sample row in the report
 * @property {number} method
 */

/** @param {string} scale @param {Strength} map */
function unitOf(scale, map) {
  if (scale === 'mass') return map.sum;
  if (scale === 'logit-share') return Math.abs(map.logit);
  return 1;
}

/** @param {string} scale @param {Strength} map @returns {string | null} */
function groupOf(scale, map) {
  if (scale === 'per-map') return null;
  return scale === 'per-sample' ? `${map.method}/${map.sample}` : String(map.method);
}

/** @param {number} value @param {number} unit */
function ratio(value, unit) {
  return unit > 0 ? value / unit : 0;
}

/**
 * The value at the top of the colormap for each map, in the map's own unit; null stays null.
 * @param {string} scale @param {readonly (Strength | null)[]} maps
 * @returns {(number | null)[]}
 */
export function topsOf(scale, maps) {
  /** @type {Map<string, number>} */
  const shared = new Map();
  for (const map of maps) {
    const group = map && groupOf(scale, map);
    if (!map || group === null) continue;
    shared.set(group, Math.max(shared.get(group) ?? 0, ratio(map.max, unitOf(scale, map))));
  }
  return maps.map((map) => {
    if (map === null) return null;
    const group = groupOf(scale, map);
    return group === null ? map.max : (shared.get(group) ?? 0) * unitOf(scale, map);
  });
}

/**
 * The number at the top of the colourbar, in the scale's own unit; null where maps do not share it.
 * @param {string} scale @param {readonly (Strength | null)[]} maps
 */
export function sharedTop(scale, maps) {
  const units = new Set();
  const tops = topsOf(scale, maps);
  for (const [i, map] of maps.entries()) {
    const top = tops[i];
    if (map !== null && top !== null && unitOf(scale, map) > 0) units.add((top / unitOf(scale, map)).toPrecision(6));
  }
  return scale !== 'per-map' && scale !== 'per-sample' && units.size === 1 ? Number([...units][0]) : null;
}
