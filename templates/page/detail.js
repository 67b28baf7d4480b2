// One sample alone: its pictures large, under each the five most probable classes and the numbers of its map.
import { comparisonTitle } from './comparison.js';
import { createPanel, drawPanel, shortNumber } from './panel.js';
import { probe } from './probe.js';
import { applyZoom, followPointer, unzoomed, zoomAt, zoomByKey } from './zoom.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./model.js').Cell} Cell */
/** @typedef {import('./panel.js').Panel} Panel */

/** More pixels than this are drawn smaller. */
const mostPixels = 1.5e6;

/** @param {App} app @param {HTMLDialogElement} dialog @param {(index: number) => string} pictureOf */
export function createDetail(app, dialog, pictureOf) {
  const body = /** @type {HTMLElement} */ (dialog.querySelector('.panels'));
  /** @type {Panel[]} */
  let panels = [];
  let zoom = unzoomed;
  let shown = -1;
  const setZoom = (/** @type {import('./state.js').Zoom} */ next) => {
    zoom = next;
    applyZoom(body, zoom);
  };
  const draw = () => {
    const { width, height } = app.model.payload.samples[shown];
    const factor = Math.min(1, Math.sqrt(mostPixels / (width * height)));
    for (const panel of panels)
      drawPanel(panel, app.scene, Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor)));
  };
  const open = (/** @type {number} */ index) => {
    shown = index;
    fillHead(app, dialog, index);
    body.replaceChildren();
    const { width, height } = app.model.payload.samples[index];
    body.style.setProperty('--ratio', String(width / height));
    setZoom(unzoomed);
    panels = figuresOf(app, index).map(({ figure, view, subject }) => {
      body.append(figure);
      return createPanel(view, app.model, index, subject, pictureOf(index));
    });
    draw();
  };
  const probeAll = (/** @type {{ x: number, y: number } | null} */ point, /** @type {HTMLElement | null} */ frame) =>
    probe(app, body, panels, point, frame);
  followPointer(body, () => ({ element: body, zoom: () => zoom, setZoom, probe: probeAll }));
  dialog.addEventListener('click', (event) => {
    const value = event.target instanceof Element ? event.target.closest('button')?.value : undefined;
    if (value === 'close' || event.target === dialog) dialog.close();
    else if (value === 'next') step(app, 1);
    else if (value === 'previous') step(app, -1);
    else if (value === 'in') setZoom(zoomAt(zoom, 1.5, 0.5, 0.5));
    else if (value === 'out') setZoom(zoomAt(zoom, 1 / 1.5, 0.5, 0.5));
  });
  dialog.addEventListener('close', () => app.change({ detail: 0 }));
  dialog.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = zoomByKey(zoom, event);
    const steps = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (next === null && steps === undefined) return;
    event.preventDefault();
    if (next !== null) setZoom(next);
    else if (steps !== undefined) step(app, steps);
  });
  return {
    /** Opens, changes or closes it, as the state says. */
    show: () => {
      const index = app.state.detail - 1;
      if (index < 0) {
        if (dialog.open) dialog.close();
        shown = -1;
        return;
      }
      if (index !== shown) open(index);
      if (!dialog.open) dialog.showModal();
    },
    /** Draws it anew, with other columns where `rebuilt`. @param {boolean} rebuilt */
    redraw: (rebuilt) => {
      if (shown < 0) return;
      if (rebuilt) open(shown);
      else draw();
    },
  };
}

/** To another of the samples that the table shows. @param {App} app @param {number} steps */
function step({ shown, state, change }, steps) {
  const at = shown.indexOf(state.detail - 1);
  const next = shown[at + steps];
  if (at >= 0 && next !== undefined) change({ detail: next + 1 });
}

/** @param {App} app @param {HTMLElement} dialog @param {number} index */
function fillHead(app, dialog, index) {
  const { id, width, height } = app.model.payload.samples[index];
  const row = app.model.rows[index];
  const difference = app.model.attention(index);
  const facts = [
    row.label === null ? null : `label ${row.label}`,
    `${width} × ${height} pixels`,
    difference === null ? null : `attention differs by up to ${Math.round(100 * difference)} %`,
  ];
  /** @type {HTMLElement} */ (dialog.querySelector('h2')).textContent = id;
  /** @type {HTMLElement} */ (dialog.querySelector('.facts-line')).textContent = facts
    .filter((fact) => fact !== null)
    .join(' · ');
}

/** @param {App} app @param {number} index */
function figuresOf({ model, state }, index) {
  const { columns } = model.payload;
  const maps = columns.map((column, i) =>
    figureOf(column.name, /** @type {const} */ ({ kind: 'map', column: i }), model.cell(index, i)),
  );
  const picture = figureOf('Picture', /** @type {const} */ ({ kind: 'picture' }), null);
  if (state.compare === 'off') return [picture, ...maps];
  const title = comparisonTitle(state, columns);
  const kind = state.compare === 'swipe' ? /** @type {const} */ ('swipe') : /** @type {const} */ ('difference');
  return [picture, ...maps, figureOf(title, { kind, a: state.a, b: state.b }, null)];
}

/** @param {string} title @param {import('./panel.js').Subject} subject @param {Cell | null} cell */
function figureOf(title, subject, cell) {
  const figure = document.createElement('figure');
  const view = document.createElement('div');
  view.className = 'view';
  view.setAttribute('role', 'img');
  view.setAttribute('aria-label', subject.kind === 'picture' ? 'The picture' : `Map of ${title.slice(0, 80)}`);
  const caption = document.createElement('figcaption');
  caption.append(textElement('h3', title));
  if (cell !== null) caption.append(topTable(cell), textElement('p', numbersOf(cell), 'muted'));
  if (cell !== null && cell.input !== null) caption.append(inputOf(title, cell.input));
  figure.append(view, caption);
  return { figure, view, subject };
}

/** The input of the model as a picture, and its numbers. @param {string} title @param {NonNullable<Cell['input']>} input */
function inputOf(title, { url, low, high, means }) {
  const line = document.createElement('p');
  line.className = 'muted seen';
  const picture = document.createElement('img');
  picture.src = url;
  picture.alt = `What ${title.slice(0, 80)} saw`;
  const values = `What it saw: values ${shortNumber(low)} to ${shortNumber(high)}, channel means ${means.map(shortNumber).join(', ')}`;
  line.append(picture, textElement('span', values));
  return line;
}

/** @param {Cell} cell */
function topTable({ top, right, target }) {
  const table = document.createElement('table');
  table.className = 'top';
  const head = table.createTHead().insertRow();
  for (const text of ['Class', 'Probability']) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = text;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const [i, { name, probability }] of top.entries()) {
    const row = body.insertRow();
    row.classList.toggle('explained', name === target);
    const mark = i > 0 || right === null ? '' : right ? '✓ ' : '✗ ';
    const first = textElement('bdi', name.slice(0, 200));
    row.insertCell().append(mark, first, name === target ? ' (explained)' : '');
    if (mark !== '') row.classList.add(right ? 'right' : 'wrong');
    const share = row.insertCell();
    const bar = document.createElement('i');
    bar.style.setProperty('--share', String(probability));
    share.append(bar, `${(100 * probability).toFixed(1)} %`);
  }
  return table;
}

/** @param {Cell} cell */
function numbersOf({ logit, range, inside }) {
  const parts = [
    logit === null ? null : `logit ${shortNumber(logit)}`,
    range === null
      ? 'no map'
      : `map ${shortNumber(range.min)} to ${shortNumber(range.max)}, sum ${shortNumber(range.sum)}`,
    inside === null ? null : `${Math.round(100 * inside)} % of it in the mask`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** @param {string} name @param {string} text @param {string} [style] */
function textElement(name, text, style) {
  const element = document.createElement(name);
  if (style !== undefined) element.className = style;
  element.textContent = text;
  return element;
}
