// One row of the table: its markup waits as text until the row comes near the window, and goes back to that when it is far.
import { createPanel, drawPanel } from './panel.js';
import { applyZoom, unzoomed } from './zoom.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./panel.js').Panel} Panel */

/**
 * @typedef {object} TableRow
 * @property {number} index
 * @property {HTMLTableRowElement} element
 * @property {string} markup of its cells
 * @property {number} ratio width / height of the picture
 * @property {Panel[]} panels
 * @property {boolean} filled
 * @property {boolean} stale its panels show an older state
 */

/**
 * The markup that stands in for the table where there is no script: what comes before the rows, and the rows. Names in it
 * are escaped, so `</tr>` is nothing but the end of a row.
 * @param {string} text
 */
export function splitTable(text) {
  const body = text.indexOf('<tbody');
  const start = text.indexOf('>', body) + 1;
  const rows = text.slice(start).split('</tr>').slice(0, -1);
  return { head: text.slice(0, start), rows: rows.map((row) => row.slice(row.indexOf('>', row.indexOf('<tr')) + 1)) };
}

/** @param {App} app @param {string} markup @param {number} index @returns {TableRow} */
export function openRow(app, markup, index) {
  const element = document.createElement('tr');
  const { width, height } = app.model.payload.samples[index];
  element.id = `sample-${index + 1}`;
  element.dataset.row = String(index);
  element.setAttribute('role', 'row');
  element.setAttribute('aria-rowindex', String(index + 2)); // after the head
  element.style.setProperty('--ratio', String(width / height));
  return { index, element, markup, ratio: width / height, panels: [], filled: false, stale: true };
}

/** The markup as elements; nothing in it is loaded before it is put into the page. @param {TableRow} row */
function partsOf({ markup }) {
  const template = document.createElement('template');
  template.innerHTML = `<table><tr>${markup}</tr></table>`;
  return template.content;
}

/** Address of the sample's picture; empty where there is none. @param {TableRow} row */
export function pictureOf(row) {
  return partsOf(row).querySelector('th img')?.getAttribute('src') ?? '';
}

/** @param {App} app @param {TableRow} row */
export function fillRow(app, row) {
  const { model, state } = app;
  const parts = partsOf(row);
  freePanels(row);
  const src = parts.querySelector('th img')?.getAttribute('src') ?? '';
  for (const [i, view] of parts.querySelectorAll('.view').entries()) {
    if (!(view instanceof HTMLElement)) continue;
    const column = [...(view.closest('tr')?.cells ?? [])].findIndex((cell) => cell.contains(view)) - 1;
    if (column < 0) row.panels.push(createPanel(view, model, row.index, { kind: 'picture' }, src));
    else if (model.grid(row.index, column) !== null)
      row.panels.push(createPanel(view, model, row.index, { kind: 'map', column }, src));
    else showOverlay(view);
    if (column >= 0) labelView(app, view, row.index, column, i - 1);
  }
  row.element.replaceChildren(...(parts.querySelector('tr')?.childNodes ?? []));
  if (state.compare !== 'off') addComparison(app, row, src);
  row.element.classList.remove('far');
  row.element.removeAttribute('aria-hidden');
  row.element.style.minHeight = '';
  applyZoom(row.element, app.zooms.get(row.index) ?? unzoomed);
  row.filled = true;
  row.stale = true;
}

/** @param {App} app @param {TableRow} row @param {string} src */
function addComparison(app, row, src) {
  const { model, state } = app;
  const cell = row.element.insertCell();
  cell.className = 'cell compared';
  cell.setAttribute('role', 'cell');
  const view = document.createElement('div');
  view.className = 'view';
  cell.append(view);
  const kind = state.compare === 'swipe' ? 'swipe' : 'difference';
  row.panels.push(createPanel(view, model, row.index, { kind, a: state.a, b: state.b }, src));
  const place = row.element.querySelectorAll('td .view').length - 1;
  labelView(app, view, row.index, model.payload.columns.length, place);
}

/** A map whose numbers are not in the page is shown as its overlay on disk. @param {HTMLElement} view */
function showOverlay(view) {
  const layers = document.createElement('div');
  layers.className = 'layers';
  layers.append(...view.childNodes);
  view.append(layers);
}

/**
 * @param {App} app @param {HTMLElement} view @param {number} row @param {number} column
 * @param {number} place among the row's pictures that the keys reach
 */
function labelView(app, view, row, column, place) {
  const { columns, samples } = app.model.payload;
  const name = columns[column]?.name ?? 'the two runs compared';
  const target = app.model.cell(row, column)?.target;
  const about = target ? ` for class ${target.slice(0, 40)}` : '';
  view.setAttribute('role', 'button');
  view.setAttribute('aria-label', `Map of ${name.slice(0, 60)}${about} over ${samples[row].id.slice(0, 60)}: details`);
  view.tabIndex = app.current.row === row && app.current.place === place ? 0 : -1;
}

/** @param {TableRow} row @param {number} height that it keeps, in CSS pixels */
export function emptyRow(row, height) {
  row.element.replaceChildren();
  row.element.classList.add('far');
  row.element.setAttribute('aria-hidden', 'true');
  row.element.style.minHeight = `${height}px`;
  freePanels(row);
  row.filled = false;
}

/** A canvas without pixels gives its memory back at once, not when the browser next tidies up. @param {TableRow} row */
function freePanels(row) {
  for (const canvas of row.panels.flatMap((panel) => panel.canvases)) canvas.width = 0;
  row.panels = [];
}

/** @param {App} app @param {TableRow} row @param {number} width of a heatmap in device pixels */
export function drawRow(app, row, width) {
  const height = Math.max(1, Math.round(width / row.ratio));
  for (const panel of row.panels) drawPanel(panel, app.scene, width, height);
  row.stale = false;
}
