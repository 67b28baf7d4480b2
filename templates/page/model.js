// The data inside the page -> what the rest of the script asks for. Grids are decoded when they are first needed.
import { attentionDifference } from './attention.js';

/** @typedef {import('../../src/report/payload.ts').Payload} Payload */
/** @typedef {import('../../src/report/payload.ts').PackedCell} PackedCell */
/** @typedef {import('./grid.js').Grid} Grid */
/** @typedef {import('./grid.js').Place} Place */

/**
 * @typedef {object} Cell One sample under one run and method.
 * @property {number} row
 * @property {number} column
 * @property {string | null} target
 * @property {string | null} predicted
 * @property {boolean | null} right
 * @property {number | null} logit
 * @property {{ name: string, probability: number }[]} top
 * @property {number | null} inside share of the map inside the mask
 * @property {{ min: number, max: number, sum: number } | null} range null where there is no map
 * @property {Place} place in shares of the picture
 * @property {{ url: string, low: number, high: number, means: readonly number[] } | null} input what the model saw
 */

/**
 * @typedef {object} Model
 * @property {Payload} payload
 * @property {readonly (Cell | null)[]} cells row by row
 * @property {readonly (import('./scale.js').Strength | null)[]} strengths in the order of `cells`
 * @property {readonly import('./select.js').Row[]} rows
 * @property {(row: number, column: number) => Cell | null} cell
 * @property {(row: number, column: number) => Grid | null} grid
 * @property {(row: number) => number | null} attention how much the maps of a row differ, 0..1
 */

const whole = { x: 0, y: 0, width: 1, height: 1 };

/**
 * @param {Payload} payload @param {string} text base64 of all grids, one after another
 * @returns {Model}
 */
export function openModel(payload, text) {
  const width = payload.columns.length;
  const cells = payload.cells.map((packed, i) =>
    packed === null ? null : openCell(packed, payload.names, Math.floor(i / width), i % width),
  );
  const strengths = cells.map((cell) => {
    if (cell?.range == null) return null;
    const { min, max, sum } = cell.range;
    return {
      max: payload.signed ? Math.max(-min, max) : Math.max(0, max),
      sum,
      logit: cell.logit ?? 0,
      sample: cell.row,
      method: payload.columns[cell.column].method,
    };
  });
  /** @type {number[]} */
  const offsets = [];
  let offset = 0;
  for (const packed of payload.cells) {
    offsets.push(offset);
    offset += packed?.grid ? charactersOf(packed.grid) : 0;
  }
  /** @type {Map<number, Grid>} */
  const grids = new Map();
  /** @type {Map<number, number | null>} */
  const differences = new Map();

  const cellAt = (/** @type {number} */ row, /** @type {number} */ column) => cells[row * width + column] ?? null;
  const gridAt = (/** @type {number} */ row, /** @type {number} */ column) => {
    const index = row * width + column;
    const packed = payload.cells[index]?.grid ?? null;
    if (packed === null) return null;
    const known = grids.get(index);
    if (known !== undefined) return known;
    const grid = openGrid(packed, text.slice(offsets[index], offsets[index] + charactersOf(packed)));
    grids.set(index, grid);
    return grid;
  };
  const differenceOf = (/** @type {number} */ row) => {
    const maps = payload.columns.flatMap((_, column) => {
      const grid = gridAt(row, column);
      const cell = cellAt(row, column);
      return grid === null || cell === null ? [] : [{ grid, place: cell.place }];
    });
    return attentionDifference(maps);
  };
  return {
    payload,
    cells,
    strengths,
    rows: payload.samples.map((sample, row) => {
      const own = payload.columns.map((_, column) => cellAt(row, column));
      return {
        id: sample.id,
        label: sample.label === null ? null : payload.names[sample.label],
        right: own.map((cell) => cell?.right ?? null),
        predicted: own.map((cell) => cell?.predicted ?? null),
        sureness: own.map((cell) => cell?.top[0]?.probability ?? null),
        outside: own.map((cell) => (cell?.inside == null ? null : 1 - cell.inside)),
      };
    }),
    cell: cellAt,
    grid: gridAt,
    attention: (row) => {
      let difference = differences.get(row);
      if (difference === undefined) differences.set(row, (difference = differenceOf(row)));
      return difference;
    },
  };
}

/** @param {PackedCell} packed @param {readonly string[]} names @param {number} row @param {number} column @returns {Cell} */
function openCell(packed, names, row, column) {
  const { grid, place, target, predicted, logit, right, top, inside, input } = packed;
  return {
    row,
    column,
    target: target === null ? null : names[target],
    predicted: predicted === null ? null : names[predicted],
    right,
    logit,
    top: Array.from({ length: top.length / 2 }, (_, i) => ({ name: names[top[2 * i]], probability: top[2 * i + 1] })),
    inside,
    range: grid === null ? null : { min: grid[2], max: grid[3], sum: grid[4] },
    input: input === null ? null : { url: input[0], low: input[1], high: input[2], means: input[3] },
    place: place === null ? whole : { x: place[0], y: place[1], width: place[2], height: place[3] },
  };
}

/** @typedef {import('../../src/report/payload.ts').PackedGrid} PackedGrid */

/** Three bytes a cell, so four characters. @param {PackedGrid} packed */
function charactersOf([width, height]) {
  return 4 * width * height;
}

/** @param {PackedGrid} packed @param {string} text @returns {Grid} */
function openGrid([width, height, min, max], text) {
  const bytes = atob(text);
  const byte = (/** @type {number} */ i) => bytes.charCodeAt(i);
  const data = new Float32Array(width * height);
  const step = (max - min) / (2 ** 24 - 1);
  for (let i = 0; i < data.length; i++)
    data[i] = min + (byte(3 * i) + 256 * byte(3 * i + 1) + 65536 * byte(3 * i + 2)) * step;
  return { width, height, data };
}
