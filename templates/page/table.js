// The table of maps: which rows it shows, in which order, and how the rest of the page reaches them.
import { createFiller, isInSight } from './filler.js';
import { followKeys, markCurrent } from './keys.js';
import { followRows } from './probe.js';
import { fillRow, openRow, pictureOf, splitTable } from './rows.js';
import { applyZoom, unzoomed } from './zoom.js';

/** @typedef {import('./main.js').App} App */

/**
 * @typedef {object} Table
 * @property {HTMLTableElement} element
 * @property {(shown: readonly number[]) => void} show which rows, in which order
 * @property {() => void} redraw everything in sight now, the rest when there is time
 * @property {() => void} rebuild panels too: columns have come or gone
 * @property {(index: number) => void} fill one row now, wherever it is
 * @property {(index: number) => void} rezoom
 * @property {(index: number) => void} scrollTo
 * @property {() => number} first row in sight
 * @property {(index: number) => string} picture address of a sample's picture
 */

/** Rows looked at when the selection changes: more do not fit a window. */
const mostAtOnce = 12;

/** @param {App} app @param {string} markup the whole table, as it stands where there is no script @returns {Table} */
export function createTable(app, markup) {
  const { head, rows: markups } = splitTable(markup);
  const template = document.createElement('template');
  template.innerHTML = `${head}</tbody></table>`;
  const element = /** @type {HTMLTableElement} */ (template.content.querySelector('table'));
  element.setAttribute('aria-rowcount', String(markups.length + 1));
  const body = element.tBodies[0];
  const rows = markups.map((text, index) => openRow(app, text, index));
  body.append(...rows.map((row) => row.element));
  const filler = createFiller(app, element, rows);
  let watched = false;
  followKeys(app, body, rows, filler.ready);
  followRows(app, body, (target) => rows[Number(target.closest('tr')?.dataset.row)] ?? null);

  return {
    element,
    show: (shown) => {
      if (!watched) filler.watch();
      watched = true;
      const wanted = new Set(shown);
      for (const row of rows) row.element.hidden = !wanted.has(row.index);
      const order = [...shown, ...rows.flatMap(({ index }) => (wanted.has(index) ? [] : [index]))];
      const moved = order.some((index, i) => body.rows[i] !== rows[index].element);
      if (moved) body.append(...order.map((index) => rows[index].element));
      if (!wanted.has(app.current.row)) app.current = { row: shown[0] ?? 0, place: 0 };
      for (const row of rows) if (row.filled) markCurrent(app, row);
      // What is in sight is there with the first frame; the filler sees to the rest.
      for (const row of shown.slice(0, mostAtOnce).map((index) => rows[index])) if (isInSight(row)) filler.ready(row);
    },
    redraw: filler.redraw,
    rebuild: () => {
      for (const row of rows) if (row.filled) fillRow(app, row);
      filler.measure();
      filler.redraw();
    },
    fill: (index) => filler.ready(rows[index]),
    rezoom: (index) => applyZoom(rows[index].element, app.zooms.get(index) ?? unzoomed),
    scrollTo: (index) => rows[index].element.scrollIntoView(),
    first: () => {
      // A row counts once its pictures are under the head, not with its last line.
      const edge = (element.tHead?.getBoundingClientRect().bottom ?? 0) + filler.words();
      const found = [...body.rows].find((row) => !row.hidden && row.getBoundingClientRect().bottom > edge);
      return Number(found?.dataset.row ?? 0);
    },
    picture: (index) => pictureOf(rows[index]),
  };
}
