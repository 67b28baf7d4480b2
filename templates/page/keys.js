// The table by keyboard: one picture is reached with the tab key, the arrows go on from there.
import { panned, unzoomed, zoomAt } from './zoom.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./rows.js').TableRow} TableRow */

/** @param {App} app @param {TableRow} row */
export function markCurrent(app, row) {
  for (const [place, view] of row.element.querySelectorAll('td .view').entries()) {
    if (view instanceof HTMLElement)
      view.tabIndex = app.current.row === row.index && app.current.place === place ? 0 : -1;
  }
}

/**
 * Arrows, Home and End move between pictures; Enter opens details; plus, minus and zero zoom; with Shift the arrows pan.
 * @param {App} app @param {HTMLElement} body @param {readonly TableRow[]} rows
 * @param {(row: TableRow) => void} fill makes a row ready to take the focus
 */
export function followKeys(app, body, rows, fill) {
  body.addEventListener('keydown', (event) => {
    const view = event.target;
    if (!(view instanceof HTMLElement) || !view.matches('td .view') || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const element = view.closest('tr');
    const row = element && rows[Number(element.dataset.row)];
    if (!element || !row) return;
    const action = event.shiftKey
      ? panOf(app, row, event.key)
      : (zoomOf(app, row, event.key) ?? moveOf(element, view, event.key));
    if (action === null) return;
    event.preventDefault();
    action();
  });

  /** @param {HTMLElement} element @param {HTMLElement} view @param {string} key */
  const moveOf = (element, view, key) => {
    const views = [...element.querySelectorAll('td .view')];
    const place = views.indexOf(view);
    if (key === 'ArrowLeft') return () => go(element, place - 1);
    if (key === 'ArrowRight') return () => go(element, place + 1);
    if (key === 'ArrowUp') return () => go(sibling(element, -1), place);
    if (key === 'ArrowDown') return () => go(sibling(element, 1), place);
    if (key === 'Home') return () => go(element, 0);
    return key === 'End' ? () => go(element, views.length - 1) : null;
  };
  /** @param {Element | null} element @param {number} wanted */
  const go = (element, wanted) => {
    if (!(element instanceof HTMLElement)) return;
    const row = rows[Number(element.dataset.row)];
    fill(row);
    const views = [...element.querySelectorAll('td .view')];
    const place = Math.min(views.length - 1, Math.max(0, wanted));
    const view = views[place];
    if (!(view instanceof HTMLElement)) return;
    const before = rows[app.current.row];
    app.current = { row: row.index, place };
    for (const changed of [before, row]) markCurrent(app, changed);
    view.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest' });
  };
}

/** @param {App} app @param {TableRow} row @param {string} key */
function zoomOf(app, row, key) {
  const zoom = app.zooms.get(row.index) ?? unzoomed;
  if (key === 'Enter' || key === ' ') return () => app.change({ detail: row.index + 1 });
  if (key === '+' || key === '=') return () => app.setZoom(row.index, zoomAt(zoom, 1.5, 0.5, 0.5));
  if (key === '-') return () => app.setZoom(row.index, zoomAt(zoom, 1 / 1.5, 0.5, 0.5));
  return key === '0' ? () => app.setZoom(row.index, unzoomed) : null;
}

/** A twentieth of the zoomed picture a press. @param {App} app @param {TableRow} row @param {string} key */
function panOf(app, row, key) {
  const zoom = app.zooms.get(row.index) ?? unzoomed;
  const step = 0.05 * zoom.zoom;
  /** @type {Record<string, [number, number]>} */
  const shifts = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const shift = shifts[key];
  if (shift !== undefined) return () => app.setZoom(row.index, panned(zoom, ...shift));
  return key === '+' ? () => app.setZoom(row.index, zoomAt(zoom, 1.5, 0.5, 0.5)) : null;
}

/** The next row that is shown, up or down. @param {Element} element @param {1 | -1} direction */
function sibling(element, direction) {
  const next = (/** @type {Element} */ from) =>
    direction === 1 ? from.nextElementSibling : from.previousElementSibling;
  let found = next(element);
  while (found instanceof HTMLElement && found.hidden) found = next(found);
  return found;
}
