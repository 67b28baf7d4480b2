// The table by keyboard: one picture is reached with the tab key, the arrows go on from there.
import { unzoomed, zoomByKey } from './zoom.js';

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
    const zoom = zoomByKey(app.zooms.get(row.index) ?? unzoomed, event);
    const action = zoom !== null ? () => app.setZoom(row.index, zoom) : moveOf(element, view, event.key);
    if (action === null) return;
    event.preventDefault();
    action();
  });

  /** @param {HTMLElement} element @param {HTMLElement} view @param {string} key */
  const moveOf = (element, view, key) => {
    const views = [...element.querySelectorAll('td .view')];
    const place = views.indexOf(view);
    const index = Number(element.dataset.row);
    if (key === 'Enter' || key === ' ') return () => app.change({ detail: index + 1 });
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

/** The next row that is shown, up or down. @param {Element} element @param {1 | -1} direction */
function sibling(element, direction) {
  const next = (/** @type {Element} */ from) =>
    direction === 1 ? from.nextElementSibling : from.previousElementSibling;
  let found = next(element);
  while (found instanceof HTMLElement && found.hidden) found = next(found);
  return found;
}
