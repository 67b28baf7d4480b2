// Which rows of the table hold pictures: those near the window. A little is filled and drawn in each frame, nearest first,
// so that scrolling stays smooth; rows that are left behind are emptied.
import { drawRow, emptyRow, fillRow } from './rows.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./rows.js').TableRow} TableRow */

/** Pixels of a heatmap's width in the table at most: sharper than a smooth map needs, small enough to be drawn at once. */
const widest = 480;
/** Milliseconds of filling and drawing in one frame. */
const budget = 7;
/** Height of a row beside its pictures before one was measured, in CSS pixels. */
const guessedWords = 76;

/**
 * @typedef {object} Filler
 * @property {(row: TableRow) => void} ready fills and draws a row now, wherever it is
 * @property {() => void} redraw rows in sight now, the rest when there is time
 * @property {() => void} measure after the layout may have changed
 * @property {() => void} watch from now on
 * @property {() => number} words height of a row beside its pictures
 */

/** @param {App} app @param {HTMLTableElement} table @param {readonly TableRow[]} rows @returns {Filler} */
export function createFiller(app, table, rows) {
  /** CSS pixels of a column, and of what a row has beside its pictures. */
  const size = { column: 0, words: guessedWords };
  const ready = (/** @type {TableRow} */ row) => {
    if (!row.filled) fillRow(app, row);
    if (row.stale)
      drawRow(app, row, Math.min(widest, Math.max(16, Math.round(size.column * Math.min(2, devicePixelRatio)))));
  };
  const queue = createQueue(ready);
  const heightOf = (/** @type {TableRow} */ row) => Math.round(size.column / row.ratio + size.words);
  const redraw = () => {
    for (const row of rows) row.stale = true;
    const filled = rows.filter((row) => row.filled);
    for (const row of filled.filter(isInSight)) ready(row);
    queue.add(filled.filter((row) => row.stale));
  };
  const measure = () => {
    const before = size.column;
    const filled = rows.find((row) => row.filled && !row.element.hidden);
    const view = filled?.element.querySelector('td .view');
    size.column = view?.clientWidth ?? (table.clientWidth - 16) / (table.tHead?.rows[0].cells.length ?? 1);
    if (filled && view) size.words = Math.max(0, filled.element.offsetHeight - view.clientHeight);
    if (Math.abs(size.column - before) < 1) return;
    for (const row of rows) if (!row.filled) emptyRow(row, heightOf(row));
    redraw();
  };
  const cross = (/** @type {readonly IntersectionObserverEntry[]} */ entries) => {
    for (const { target, isIntersecting } of entries) {
      const row = rows[Number(target instanceof HTMLElement ? target.dataset.row : NaN)];
      if (row === undefined) continue;
      if (isIntersecting) queue.add([row]);
      else {
        queue.drop(row);
        if (row.filled) emptyRow(row, heightOf(row));
      }
    }
  };
  const watch = () => {
    measure();
    new ResizeObserver(measure).observe(table);
    const observer = new IntersectionObserver(cross, { rootMargin: '100% 0px' });
    for (const row of rows) observer.observe(row.element);
  };
  return { ready, redraw, measure, watch, words: () => size.words };
}

/** Rows that wait for their turn, a few in each frame. @param {(row: TableRow) => void} ready */
function createQueue(ready) {
  /** @type {Set<TableRow>} */
  const waiting = new Set();
  let scheduled = false;
  const work = () => {
    scheduled = false;
    const end = performance.now() + budget;
    for (const row of nearestFirst([...waiting])) {
      waiting.delete(row);
      ready(row);
      if (performance.now() > end) break;
    }
    schedule();
  };
  const schedule = () => {
    if (scheduled || waiting.size === 0) return;
    scheduled = true;
    requestAnimationFrame(work);
  };
  return {
    add: (/** @type {readonly TableRow[]} */ rows) => {
      for (const row of rows) waiting.add(row);
      schedule();
    },
    drop: (/** @type {TableRow} */ row) => waiting.delete(row),
  };
}

/** @param {TableRow} row */
export function isInSight(row) {
  if (row.element.hidden) return false;
  const { top, bottom } = row.element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** @param {TableRow[]} rows */
function nearestFirst(rows) {
  const distanceOf = (/** @type {TableRow} */ row) =>
    Math.abs(row.element.getBoundingClientRect().top - innerHeight / 3);
  const distances = new Map(rows.map((row) => [row, distanceOf(row)]));
  return rows.sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}
