// The table of maps: rows are filled when they come near the window and emptied when they are far, so that a thousand
// samples cost what a dozen do.
import { followKeys, markCurrent } from './keys.js';
import { valueText } from './panel.js';
import { drawRow, emptyRow, fillRow, openRow, pictureOf, splitTable } from './rows.js';
import { applyZoom, followPointer, unzoomed } from './zoom.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./rows.js').TableRow} TableRow */

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

/** Pixels of a heatmap's width in the table at most: sharper than a smooth map needs, small enough to be drawn at once. */
const widest = 480;
/** Milliseconds of filling and drawing in one frame. */
const budget = 7;
/** Rows looked at when the selection changes: more do not fit a window. */
const mostAtOnce = 12;
/** Height of a row beside its pictures before one was measured, in CSS pixels. */
const guessedWords = 76;

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
  const rowOf = (/** @type {Element} */ target) => rows[Number(target.closest('tr')?.dataset.row)] ?? null;
  /** @type {Set<TableRow>} */
  const queue = new Set();
  let scheduled = false;
  let watching = false;
  /** CSS pixels of a column, and of what a row has beside its pictures. */
  let column = 0;
  let words = guessedWords;

  const heightOf = (/** @type {TableRow} */ row) => Math.round(column / row.ratio + words);
  const drawn = () => Math.min(widest, Math.max(16, Math.round(column * Math.min(2, devicePixelRatio))));
  const ready = (/** @type {TableRow} */ row) => {
    if (!row.filled) fillRow(app, row);
    if (row.stale) drawRow(app, row, drawn());
  };
  const work = () => {
    scheduled = false;
    const end = performance.now() + budget;
    for (const row of nearestFirst([...queue])) {
      queue.delete(row);
      ready(row);
      if (performance.now() > end) break;
    }
    if (queue.size > 0) schedule();
  };
  const schedule = () => {
    if (!scheduled) requestAnimationFrame(work);
    scheduled = true;
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const row = rowOf(target);
        if (row === null) continue;
        if (isIntersecting) queue.add(row);
        else {
          queue.delete(row);
          if (row.filled) emptyRow(row, heightOf(row));
        }
      }
      if (queue.size > 0) schedule();
    },
    { rootMargin: '100% 0px' },
  );
  const redraw = () => {
    for (const row of rows) row.stale = true;
    for (const row of rows) {
      if (!row.filled) continue;
      if (isInSight(row)) ready(row);
      else queue.add(row);
    }
    if (queue.size > 0) schedule();
  };
  const measure = () => {
    const before = column;
    const filled = rows.find((row) => row.filled && !row.element.hidden);
    const view = filled?.element.querySelector('td .view');
    column = view?.clientWidth ?? (element.clientWidth - 16) / (element.tHead?.rows[0].cells.length ?? 1);
    if (filled && view) words = Math.max(0, filled.element.offsetHeight - view.clientHeight);
    if (Math.abs(column - before) < 1) return;
    for (const row of rows) if (!row.filled) emptyRow(row, heightOf(row));
    redraw();
  };

  followKeys(app, body, rows, ready);
  followRows(app, body, rowOf);
  return {
    element,
    show: (shown) => {
      if (!watching) {
        watching = true;
        measure();
        new ResizeObserver(measure).observe(element);
        for (const row of rows) observer.observe(row.element);
      }
      const wanted = new Set(shown);
      for (const row of rows) row.element.hidden = !wanted.has(row.index);
      const order = [...shown, ...rows.flatMap(({ index }) => (wanted.has(index) ? [] : [index]))];
      if (order.some((index, i) => body.rows[i] !== rows[index].element))
        body.append(...order.map((index) => rows[index].element));
      if (!wanted.has(app.current.row)) app.current = { row: shown[0] ?? 0, place: 0 };
      for (const row of rows) if (row.filled) markCurrent(app, row);
      // What is in sight is there with the first frame; the observer sees to the rest.
      for (const row of shown.map((index) => rows[index]).slice(0, mostAtOnce)) {
        if (!row.filled && isInSight(row)) ready(row);
      }
    },
    redraw,
    rebuild: () => {
      for (const row of rows) if (row.filled) fillRow(app, clearPanels(row));
      measure();
      redraw();
    },
    fill: (index) => ready(rows[index]),
    rezoom: (index) => applyZoom(rows[index].element, app.zooms.get(index) ?? unzoomed),
    scrollTo: (index) => rows[index].element.scrollIntoView(),
    first: () => {
      // A row counts once its pictures are under the head, not with its last line.
      const edge = (element.tHead?.getBoundingClientRect().bottom ?? 0) + words;
      return Number(
        [...body.rows].find((row) => !row.hidden && row.getBoundingClientRect().bottom > edge)?.dataset.row ?? 0,
      );
    },
    picture: (index) => pictureOf(rows[index]),
  };
}

/** @param {TableRow} row */
function clearPanels(row) {
  row.panels = [];
  return row;
}

/** @param {TableRow} row */
function isInSight(row) {
  if (row.element.hidden) return false;
  const { top, bottom } = row.element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** @param {TableRow[]} queue */
function nearestFirst(queue) {
  const distances = new Map(
    queue.map((row) => [row, Math.abs(row.element.getBoundingClientRect().top - innerHeight / 3)]),
  );
  return queue.sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

/**
 * Pointer over the rows: zoom, pan, values, and a click that opens the details.
 * @param {App} app @param {HTMLElement} body @param {(target: Element) => TableRow | null} rowOf
 */
function followRows(app, body, rowOf) {
  const pointer = followPointer(
    body,
    (target) => {
      const row = rowOf(target);
      return row === null || !row.filled ? null : groupOf(app, row);
    },
    { plainWheel: false },
  );
  body.addEventListener('click', (event) => {
    const target = event.target;
    if (!(target instanceof Element) || pointer.dragged() || !target.closest('.view')) return;
    const row = rowOf(target);
    if (row !== null) app.change({ detail: row.index + 1 });
  });
}

/** @param {App} app @param {TableRow} row @returns {import('./zoom.js').Group} */
function groupOf(app, row) {
  return {
    element: row.element,
    zoom: () => app.zooms.get(row.index) ?? unzoomed,
    setZoom: (zoom) => app.setZoom(row.index, zoom),
    probe: (point, frame) => probe(app, row.element, row.panels, point, frame),
  };
}

/**
 * Shows, in all pictures of a group, the value at one point; over a swipe the point also moves the divider.
 * @param {App} app @param {HTMLElement} element @param {readonly import('./panel.js').Panel[]} panels
 * @param {{ x: number, y: number } | null} point @param {HTMLElement | null} frame
 */
export function probe(app, element, panels, point, frame) {
  const inside = point !== null && point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1;
  element.classList.toggle('probed', inside);
  if (!inside) return;
  element.style.setProperty('--probe-x', String(point.x));
  element.style.setProperty('--probe-y', String(point.y));
  for (const panel of panels) panel.value.textContent = valueText(panel, app.scene, point.x, point.y);
  if (frame?.classList.contains('swipe')) app.change({ swipe: Math.round(100 * point.x) });
}
