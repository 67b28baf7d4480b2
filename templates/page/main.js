// The page's script: data -> model -> table, controls, details, all drawn from one state that is also in the address.
// Without it the page shows the overlays as they lie on disk.
import { bindControls, showLegend, showState } from './controls.js';
import { comparisonTitle, createDetail } from './detail.js';
import { openModel } from './model.js';
import { createScene } from './panel.js';
import { topsOf } from './scale.js';
import { selectRows } from './select.js';
import { defaultState, hashToState, parseZooms, stateToHash, zoomsToText } from './state.js';
import { createTable } from './table.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Zoom} Zoom */

/**
 * @typedef {object} App
 * @property {import('./model.js').Model} model
 * @property {State} state
 * @property {State} defaults
 * @property {import('./panel.js').Scene} scene
 * @property {Map<number, Zoom>} zooms
 * @property {{ row: number, place: number }} current the picture that the tab key reaches
 * @property {(change: Partial<State>) => void} change
 * @property {(row: number, zoom: Zoom) => void} setZoom
 * @property {(steps: number) => void} step to another sample in the detail view
 * @property {() => void} reset
 */

/** Parts of the state that change what is drawn, which columns there are, and which rows. */
const look = ['colormap', 'scale', 'cells', 'threshold', 'contours', 'signed'];
const columns = ['compare', 'a', 'b'];
const choice = ['find', 'label', 'verdict', 'differ', 'attention', 'outside', 'sort'];
/** Rows that are all filled for the printer; more would take minutes. */
const mostPrinted = 400;

try {
  start();
} catch (error) {
  // The table as it stands without a script is better than none.
  const source = document.getElementById('table');
  if (source !== null) source.outerHTML = source.textContent ?? '';
  document.documentElement.classList.remove('js');
  throw error;
}

function start() {
  const text = (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? '';
  const source = document.getElementById('table');
  const form = document.getElementById('controls');
  const dialog = document.getElementById('detail');
  const section = document.getElementById('maps');
  if (source === null || section === null) return;
  if (!(form instanceof HTMLFormElement && dialog instanceof HTMLDialogElement)) return;

  const model = openModel(JSON.parse(text('report-data')), text('report-grids'));
  const { payload } = model;
  const defaults = defaultState({ ...payload, columns: payload.columns.length });
  const limits = {
    colormaps: payload.colormaps.map(({ id }) => id),
    scales: payload.scales.map(({ id }) => id),
    columns: payload.columns.length,
    rows: payload.samples.length,
  };
  const fromAddress = () => hashToState(location.hash.slice(1), defaults, limits);
  const state = fromAddress();
  /** @type {number[]} */
  let shown = [];

  /** @type {App} */
  const app = {
    model,
    state,
    defaults,
    scene: createScene(model, state, topsOf(state.scale, model.strengths)),
    zooms: parseZooms(state.zoom),
    current: { row: 0, place: 0 },
    change: (change) => {
      const changed = Object.keys(change).filter((key) => Reflect.get(app.state, key) !== Reflect.get(change, key));
      if (changed.length === 0) return;
      Object.assign(app.state, change);
      refresh(changed);
      remember();
    },
    setZoom: (row, zoom) => {
      if (zoom.zoom > 1) app.zooms.set(row, zoom);
      else app.zooms.delete(row);
      table.rezoom(row);
      app.state.zoom = zoomsToText(app.zooms);
      remember();
    },
    step: (steps) => {
      const at = shown.indexOf(app.state.detail - 1);
      const next = shown[at + steps];
      if (at >= 0 && next !== undefined) app.change({ detail: next + 1 });
    },
    reset: () => {
      const kept = { detail: app.state.detail, at: app.state.at };
      app.change({ ...defaults, ...kept });
      for (const row of [...app.zooms.keys()]) app.setZoom(row, { zoom: 1, x: 0, y: 0 });
    },
  };

  document.documentElement.classList.add('js');
  form.hidden = false;
  const table = createTable(app, source.textContent ?? '');
  const { element } = table;
  source.replaceWith(element);
  const detail = createDetail(app, dialog, table.picture);
  const count = element.querySelector('.count');

  /** @param {readonly string[]} changed parts of the state */
  const refresh = (changed) => {
    const has = (/** @type {readonly string[]} */ parts) => changed.some((key) => parts.includes(key));
    if (has(look)) app.scene = createScene(model, app.state, topsOf(app.state.scale, model.strengths));
    section.style.setProperty('--opacity', String(app.state.opacity / 100));
    section.style.setProperty('--swipe', String(app.state.swipe / 100));
    dialog.style.setProperty('--opacity', String(app.state.opacity / 100));
    dialog.style.setProperty('--swipe', String(app.state.swipe / 100));
    for (const part of [section, dialog]) {
      part.classList.toggle('outlined', app.state.mask);
      part.classList.toggle('blocky', app.state.cells === 'raw');
    }
    if (has(columns) || has(['colormap'])) showComparison(app, element);
    if (has(columns)) {
      table.rebuild();
    } else if (has(look)) table.redraw();
    if (has(choice)) {
      shown = selectRows(model.rows, app.state, model.attention);
      table.show(shown);
      if (count) count.textContent = `${shown.length} of ${payload.samples.length}`;
      element.classList.toggle('none', shown.length === 0);
    }
    if (has(['detail'])) detail.show();
    else if (has(columns) || has(look)) detail.redraw(has(columns));
    showState(app, form);
    showLegend(app, section);
  };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const remember = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const hash = stateToHash(app.state, defaults);
      if (hash !== location.hash.slice(1)) history.replaceState(null, '', `#${hash}`);
    }, 150);
  };

  bindControls(app, form);
  refresh(Object.keys(defaults));
  keepHeadClear(section);
  if (state.at > 0) table.scrollTo(state.at - 1);
  addEventListener('scrollend', () => {
    app.state.at = element.getBoundingClientRect().top < 0 && shown.length > 0 ? table.first() + 1 : 0;
    remember();
  });
  addEventListener('hashchange', () => {
    // An address without `=` is a link to a section of this page.
    if (location.hash !== '' && !location.hash.includes('=')) return;
    const next = fromAddress();
    app.change(next);
    for (const row of new Set([...app.zooms.keys(), ...parseZooms(next.zoom).keys()]))
      app.setZoom(row, parseZooms(next.zoom).get(row) ?? { zoom: 1, x: 0, y: 0 });
  });
  addEventListener('beforeprint', () => {
    for (const index of shown.slice(0, mostPrinted)) table.fill(index);
    const left = shown.length - mostPrinted;
    const note = section.querySelector('.printed');
    if (note)
      note.textContent = left > 0 ? `${left} more samples are not printed: select fewer to print them all.` : '';
  });
}

/** The head's cell over the comparison, and the number of columns. @param {App} app @param {HTMLTableElement} table */
function showComparison({ model, state, scene }, table) {
  const head = table.tHead?.rows[0];
  if (!head) return;
  head.querySelector('.compared')?.remove();
  const count = model.payload.columns.length;
  table.style.setProperty('--columns', String(state.compare === 'off' ? count : count + 1));
  if (state.compare === 'off') return;
  const cell = document.createElement('th');
  cell.className = 'compared';
  cell.scope = 'col';
  cell.setAttribute('role', 'columnheader');
  cell.textContent = comparisonTitle(state, model.payload.columns);
  const kind = document.createElement('span');
  kind.className = 'loss';
  if (state.compare === 'swipe') kind.textContent = 'swipe: move over it';
  else
    kind.append(
      ...signedBar(
        scene.signedColors,
        [state.b, state.a].map((i) => model.payload.columns[i].name.slice(0, 24)),
      ),
    );
  cell.append(kind);
  head.append(cell);
}

/** A colourbar for differences, in shares of the top. @param {Uint32Array} colors @param {readonly string[]} names lower end, upper end */
function signedBar(colors, [lower, upper]) {
  const bar = document.createElement('canvas');
  bar.className = 'signed-bar';
  bar.width = colors.length;
  bar.height = 1;
  bar
    .getContext('2d')
    ?.putImageData(new ImageData(new Uint8ClampedArray(colors.slice().buffer), colors.length, 1), 0, 0);
  const ticks = document.createElement('span');
  ticks.className = 'ticks';
  for (const text of [`${lower} +1`, '0', `${upper} +1`]) {
    const tick = document.createElement('span');
    tick.textContent = text;
    ticks.append(tick);
  }
  return [bar, ticks];
}

/** The table's head sticks under the controls, however high they are. @param {HTMLElement} section */
function keepHeadClear(section) {
  const bench = section.querySelector('.bench');
  if (!(bench instanceof HTMLElement)) return;
  const measure = () =>
    section.style.setProperty('--bench', `${getComputedStyle(bench).position === 'sticky' ? bench.offsetHeight : 0}px`);
  new ResizeObserver(measure).observe(bench);
  measure();
}
