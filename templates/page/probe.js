// The pointer over rows: the values at one point of all their pictures, zoom and pan, a click for the details.
import { valueText } from './panel.js';
import { followPointer, unzoomed } from './zoom.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./rows.js').TableRow} TableRow */

/** @param {App} app @param {HTMLElement} body @param {(target: Element) => TableRow | null} rowOf */
export function followRows(app, body, rowOf) {
  const pointer = followPointer(body, (target) => {
    const row = rowOf(target);
    return row === null || !row.filled ? null : groupOf(app, row);
  });
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
