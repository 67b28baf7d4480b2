// What the page shows, as one flat record, and its form in the address: only what differs from the report's own options.

/**
 * @typedef {object} State
 * @property {string} colormap
 * @property {string} scale
 * @property {number} opacity 0..100
 * @property {string} cells `smooth` or `raw`
 * @property {number} threshold 0..95, per cent of the top
 * @property {boolean} contours
 * @property {boolean} signed
 * @property {boolean} mask
 * @property {string} compare `off`, `difference` or `swipe`
 * @property {number} a column
 * @property {number} b column
 * @property {number} swipe 0..100
 * @property {string} find
 * @property {string} label class name, or empty for all
 * @property {string} verdict `all`, `all-right`, `some-wrong`, `all-wrong`, `right-<column>`, `wrong-<column>`
 * @property {boolean} differ only samples whose predictions differ
 * @property {number} attention 0..100: least difference of attention
 * @property {number} outside 0..100: least energy outside the mask
 * @property {string} sort
 * @property {number} detail row shown alone, counted from 1; 0: none
 * @property {string} zoom rows that are zoomed: `row~zoom~x~y`, comma between
 * @property {number} at first row in sight, counted from 1; 0: the top of the page
 */

/**
 * @typedef {object} Limits What the state may be, beside its type.
 * @property {readonly string[]} colormaps
 * @property {readonly string[]} scales
 * @property {number} columns
 * @property {number} rows
 */

/** @type {Readonly<Record<string, readonly string[]>>} */
const choices = {
  cells: ['smooth', 'raw'],
  compare: ['off', 'difference', 'swipe'],
  sort: ['report', 'name', 'label', 'attention', 'outside', 'unsure'],
};
/** @type {Readonly<Record<string, readonly [number, number]>>} */
const ranges = { opacity: [0, 100], threshold: [0, 95], swipe: [0, 100], attention: [0, 100], outside: [0, 100] };

/**
 * @param {{ colormap: string, scale: string, alpha: number, columns: number, signed?: boolean }} report
 * @returns {State}
 */
export function defaultState({ colormap, scale, alpha, columns, signed = false }) {
  return {
    colormap,
    scale,
    opacity: Math.round(alpha * 100),
    cells: 'smooth',
    threshold: 0,
    contours: false,
    signed,
    mask: false,
    compare: 'off',
    a: 0,
    b: Math.max(0, columns - 1),
    swipe: 50,
    find: '',
    label: '',
    verdict: 'all',
    differ: false,
    attention: 0,
    outside: 0,
    sort: 'report',
    detail: 0,
    zoom: '',
    at: 0,
  };
}

/**
 * The address's part after `#`; empty for the defaults.
 * @param {State} state @param {State} defaults
 */
export function stateToHash(state, defaults) {
  const parts = Object.entries(defaults).flatMap(([key, value]) => {
    const now = Reflect.get(state, key);
    if (now === value) return [];
    return [`${key}=${typeof now === 'boolean' ? (now ? 'on' : 'off') : encodeURIComponent(String(now))}`];
  });
  return parts.join('&');
}

/**
 * The state that an address asks for. Whatever it does not say, or says wrongly, is as in `defaults`.
 * @param {string} hash without `#` @param {State} defaults @param {Limits} limits
 * @returns {State}
 */
export function hashToState(hash, defaults, limits) {
  const state = { ...defaults };
  for (const part of hash.split('&')) {
    const [key, ...rest] = part.split('=');
    if (!Object.hasOwn(defaults, key)) continue;
    const text = decoded(rest.join('='));
    const value = checked(key, text, Reflect.get(defaults, key), limits);
    if (value !== null) Reflect.set(state, key, value);
  }
  return state;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** @param {string} key @param {string} text @param {unknown} like @param {Limits} limits */
function checked(key, text, like, limits) {
  if (typeof like === 'boolean') return text === 'on' ? true : text === 'off' ? false : null;
  if (typeof like === 'number') {
    const [low, high] = rangeOf(key, limits);
    const value = Number(text);
    return text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high ? value : null;
  }
  if (key === 'colormap') return limits.colormaps.includes(text) ? text : null;
  if (key === 'scale') return limits.scales.includes(text) ? text : null;
  if (key in choices) return choices[key].includes(text) ? text : null;
  return text;
}

/** @param {string} key @param {Limits} limits @returns {readonly [number, number]} */
function rangeOf(key, { columns, rows }) {
  if (key === 'a' || key === 'b') return [0, columns - 1];
  if (key === 'detail' || key === 'at') return [0, rows];
  return ranges[key];
}

/** @typedef {{ zoom: number, x: number, y: number }} Zoom `x`, `y`: shift of the picture's corner, in pictures. */

/** @param {string} text @returns {Map<number, Zoom>} */
export function parseZooms(text) {
  const zooms = new Map();
  for (const part of text.split(',')) {
    const [row, zoom, x, y] = part.split('~').map(Number);
    if (Number.isInteger(row) && zoom > 1 && zoom <= 16 && [x, y].every((shift) => shift <= 0 && shift >= 1 - zoom))
      zooms.set(row, { zoom, x, y });
  }
  return zooms;
}

/** @param {ReadonlyMap<number, Zoom>} zooms */
export function zoomsToText(zooms) {
  return [...zooms].map(([row, { zoom, x, y }]) => [row, short(zoom), short(x), short(y)].join('~')).join(',');
}

/** Rounded towards zero, so that a shift stays within its limits. @param {number} value */
function short(value) {
  return Math.trunc(value * 1000) / 1000;
}
