// The page's script: data -> model -> table, controls, details, all drawn from one state that is also in the address.
// Without it the page shows the overlays as they lie on disk.
import { createAddress } from './address.js';
import { showComparison } from './comparison.js';
import { bindControls, showFigureCommand, showLegend, showState } from './controls.js';
import { createDetail } from './detail.js';
import { openModel } from './model.js';
import { createScene } from './panel.js';
import { selectRows } from './select.js';
import { defaultState, parseZooms, zoomsToText } from './state.js';
import { createTable } from './table.js';
import { unzoomed } from './zoom.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Zoom} Zoom */

/**
 * @typedef {object} App What every part of the page is given.
 * @property {import('./model.js').Model} model
 * @property {State} state
 * @property {State} defaults
 * @property {import('./panel.js').Scene} scene
 * @property {Map<number, Zoom>} zooms
 * @property {readonly number[]} shown rows, in their order
 * @property {{ row: number, place: number }} current the picture that the tab key reaches
 * @property {(change: Partial<State>) => void} change
 * @property {(row: number, zoom: Zoom) => void} setZoom
 */

/** @typedef {{ source: Element, form: HTMLFormElement, dialog: HTMLDialogElement, section: HTMLElement }} Places */

/** Parts of the state that change what is drawn, which columns there are, which rows, what the style sheet does alone. */
const look = ['colormap', 'scale', 'cells', 'threshold', 'contours', 'signed'];
const columns = ['compare', 'a', 'b'];
const choice = ['find', 'label', 'verdict', 'differ', 'attention', 'outside', 'sort'];
const style = ['opacity', 'swipe', 'mask', 'cells'];
/** Rows that are all filled for the printer; more would take minutes. */
const mostPrinted = 400;

try {
  const places = findPlaces();
  if (places !== null) start(places);
} catch (error) {
  // The table as it stands without a script is better than none.
  const source = document.getElementById('table');
  if (source !== null) source.outerHTML = source.textContent ?? '';
  document.documentElement.classList.remove('js');
  throw error;
}

/** Null on a page without samples. @returns {Places | null} */
function findPlaces() {
  const [source, form, dialog, section] = ['table', 'controls', 'detail', 'maps'].map((id) =>
    document.getElementById(id),
  );
  if (!source || !section) return null;
  return form instanceof HTMLFormElement && dialog instanceof HTMLDialogElement
    ? { source, form, dialog, section }
    : null;
}

/** @param {Places} places */
function start(places) {
  const text = (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? '';
  const model = openModel(JSON.parse(text('report-data')), text('report-grids'));
  const { payload } = model;
  const defaults = defaultState({ ...payload, columns: payload.columns.length });
  const address = createAddress(defaults, {
    colormaps: payload.colormaps.map(({ id }) => id),
    scales: payload.scales.map(({ id }) => id),
    columns: payload.columns.length,
    rows: payload.samples.length,
  });
  const state = address.read();
  /** @type {App} */
  const app = {
    model,
    state,
    defaults,
    scene: createScene(model, state),
    zooms: parseZooms(state.zoom),
    shown: [],
    current: { row: 0, place: 0 },
    change: (change) => {
      const changed = Object.keys(change).filter((key) => Reflect.get(state, key) !== Reflect.get(change, key));
      if (changed.length === 0) return;
      Object.assign(state, change);
      refresh(changed);
      address.write(state);
    },
    setZoom: (row, zoom) => {
      if (zoom.zoom > 1) app.zooms.set(row, zoom);
      else app.zooms.delete(row);
      table.rezoom(row);
      state.zoom = zoomsToText(app.zooms);
      showFigureCommand(app, places.form);
      address.write(state);
    },
  };

  document.documentElement.classList.add('js');
  const table = createTable(app, places.source.textContent ?? '');
  places.source.replaceWith(table.element);
  const refresh = createRefresh(app, table, places);
  bindControls(app, places.form);
  refresh(Object.keys(defaults));
  keepHeadClear(places.section);
  if (state.at > 0) table.scrollTo(state.at - 1);
  address.onChange((next) => {
    app.change(next);
    const zooms = parseZooms(next.zoom);
    for (const row of new Set([...app.zooms.keys(), ...zooms.keys()])) app.setZoom(row, zooms.get(row) ?? unzoomed);
  });
  addEventListener('scrollend', () => {
    state.at = table.element.getBoundingClientRect().top < 0 && app.shown.length > 0 ? table.first() + 1 : 0;
    address.write(state);
  });
  addEventListener('beforeprint', () => prepareForPrint(app, table, places.section));
}

/**
 * What has to be done after parts of the state have changed.
 * @param {App} app @param {import('./table.js').Table} table @param {Places} places
 * @returns {(changed: readonly string[]) => void}
 */
function createRefresh(app, table, { form, dialog, section }) {
  const { model, state } = app;
  const detail = createDetail(app, dialog, table.picture);
  const count = table.element.querySelector('.count');
  return (changed) => {
    const has = (/** @type {readonly string[]} */ parts) => changed.some((key) => parts.includes(key));
    if (has(look)) app.scene = createScene(model, state, app.scene);
    if (has(style)) for (const part of [section, dialog]) applyStyle(part, state);
    if (has(columns) || has(['colormap'])) showComparison(app, table.element);
    if (has(columns)) table.rebuild();
    else if (has(look)) table.redraw();
    if (has(choice)) {
      app.shown = selectRows(model.rows, state, model.attention);
      table.show(app.shown);
      if (count) count.textContent = `${app.shown.length} of ${model.rows.length}`;
      table.element.classList.toggle('none', app.shown.length === 0);
    }
    if (has(['detail'])) detail.show();
    else if (has(columns) || has(look)) detail.redraw(has(columns));
    showState(app, form);
    showFigureCommand(app, form);
    if (has(look) || has(['opacity'])) showLegend(app, section);
  };
}

/** @param {HTMLElement} element @param {State} state */
function applyStyle(element, { opacity, swipe, mask, cells }) {
  element.style.setProperty('--opacity', String(opacity / 100));
  element.style.setProperty('--swipe', String(swipe / 100));
  element.classList.toggle('outlined', mask);
  element.classList.toggle('blocky', cells === 'raw');
}

/** @param {App} app @param {import('./table.js').Table} table @param {HTMLElement} section */
function prepareForPrint({ shown }, table, section) {
  for (const index of shown.slice(0, mostPrinted)) table.fill(index);
  const left = shown.length - mostPrinted;
  const note = section.querySelector('.printed');
  if (note) note.textContent = left > 0 ? `${left} more samples are not printed: select fewer to print them all.` : '';
}

/** The table's head sticks under the controls, however high they are. @param {HTMLElement} section */
function keepHeadClear(section) {
  const bench = section.querySelector('.bench');
  if (!(bench instanceof HTMLElement)) return;
  const measure = () => {
    const height = getComputedStyle(bench).position === 'sticky' ? bench.offsetHeight : 0;
    section.style.setProperty('--bench', `${height}px`);
  };
  new ResizeObserver(measure).observe(bench);
  measure();
}
