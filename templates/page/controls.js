// The form above the table: every field carries the name of the part of the state that it sets. The colourbar follows.
import { figureCommand, reportPath } from './figure.js';
import { shortNumber } from './panel.js';
import { unzoomed } from './zoom.js';

/** @typedef {import('./main.js').App} App */
/** @typedef {import('./state.js').State} State */

/** @param {App} app @param {HTMLFormElement} form */
export function bindControls(app, form) {
  form.hidden = false;
  const { model } = app;
  const { payload } = model;
  const names = payload.columns.map((column, i) => /** @type {const} */ ([String(i), column.name]));
  addOptions(
    form,
    'colormap',
    payload.colormaps.map(({ id, title }) => [id, title]),
  );
  addOptions(
    form,
    'scale',
    payload.scales.map(({ id }) => [id, id.replaceAll('-', ' ')]),
  );
  addOptions(form, 'a', names);
  addOptions(form, 'b', names);
  const labels = [...new Set(model.rows.flatMap(({ label }) => (label === null ? [] : [label])))].sort();
  addOptions(
    form,
    'label',
    labels.map((label) => [label, label]),
  );
  addOptions(
    form,
    'verdict',
    names.flatMap(([i, name]) => [
      [`right-${i}`, `${name.slice(0, 40)} right`],
      [`wrong-${i}`, `${name.slice(0, 40)} wrong`],
    ]),
  );
  show(form, 'label', labels.length > 0);
  show(
    form,
    'verdict',
    model.cells.some((cell) => cell !== null && cell.right !== null),
  );
  show(
    form,
    'mask',
    payload.samples.some(({ outline }) => outline),
  );
  show(
    form,
    'outside',
    model.rows.some(({ outside }) => outside.some((share) => share !== null)),
  );
  show(
    form,
    'signed',
    model.cells.some((cell) => cell?.range != null && cell.range.min < 0),
  );
  for (const name of ['compare', 'differ', 'attention']) show(form, name, payload.columns.length > 1);
  form.addEventListener('input', (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
      app.change({ [field.name]: valueOf(app, field) });
  });
  closeOutside(form);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    const { detail, at } = app.state; // where one is stays, how it looks does not
    app.change({ ...app.defaults, detail, at });
    for (const row of [...app.zooms.keys()]) app.setZoom(row, unzoomed);
  });
  onPress(form, 'link', () => location.href, 'The link is in the address bar');
  onPress(form, 'figure', () => commandOf(app), 'Select it above');
  form.querySelector('.figure')?.addEventListener('toggle', () => showFigureCommand(app, form));
}

/** @param {HTMLFormElement} form @param {string} name @param {readonly (readonly [string, string])[]} options */
function addOptions(form, name, options) {
  const select = form.elements.namedItem(name);
  if (select instanceof HTMLSelectElement)
    select.append(...options.map(([value, text]) => new Option(text.slice(0, 80), value)));
}

/** A press elsewhere, or Escape, closes the boxes that are open. @param {HTMLFormElement} form */
function closeOutside(form) {
  const close = (/** @type {EventTarget | null} */ target) => {
    for (const box of form.querySelectorAll('details'))
      if (!(target instanceof Node && box.contains(target))) box.open = false;
  };
  document.addEventListener('pointerdown', (event) => close(event.target));
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close(null);
  });
}

/** @param {HTMLFormElement} form @param {string} name @param {boolean} shown */
function show(form, name, shown) {
  const field = form.elements.namedItem(name);
  const label = field instanceof HTMLElement ? field.closest('label') : null;
  if (label) label.hidden = !shown;
}

/** @param {App} app @param {HTMLInputElement | HTMLSelectElement} field */
function valueOf(app, field) {
  const like = Reflect.get(app.state, field.name);
  if (field instanceof HTMLInputElement && typeof like === 'boolean') return field.checked;
  return typeof like === 'number' ? Number(field.value) : field.value;
}

/** Writes the state into the fields. @param {App} app @param {HTMLFormElement} form */
export function showState(app, form) {
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
    const value = Reflect.get(app.state, field.name);
    if (field instanceof HTMLInputElement && typeof value === 'boolean') field.checked = value;
    else if (value !== undefined && field.value !== String(value)) field.value = String(value);
    const output = field.closest('label')?.querySelector('output');
    if (output) output.textContent = `${value} %`;
  }
  for (const box of form.querySelectorAll('details')) box.classList.toggle('used', changesInside(app, box));
  const comparing = app.state.compare !== 'off';
  for (const name of ['a', 'b']) show(form, name, comparing);
  show(form, 'swipe', app.state.compare === 'swipe');
}

/** Whether something in a closed box is not as the report was made. @param {App} app @param {Element} box */
function changesInside({ state, defaults }, box) {
  return [...box.querySelectorAll('[name]')].some((field) => {
    const name = field.getAttribute('name') ?? '';
    return name !== 'swipe' && Reflect.get(state, name) !== Reflect.get(defaults, name);
  });
}

/** The command that draws what the page shows. @param {App} app */
function commandOf({ model, state, defaults, shown, zooms }) {
  const windows = /windows/i.test(navigator.userAgent);
  return figureCommand({
    payload: model.payload,
    state,
    defaults,
    shown,
    zooms,
    report: reportPath(location),
    windows,
  });
}

/** Keeps the box with the figure's command up to date while it is open. @param {App} app @param {HTMLFormElement} form */
export function showFigureCommand(app, form) {
  const box = form.querySelector('.figure');
  const text = form.querySelector('#figure-command');
  if (box instanceof HTMLDetailsElement && box.open && text instanceof HTMLTextAreaElement) text.value = commandOf(app);
}

/**
 * A button that copies a text and says so for a moment.
 * @param {HTMLFormElement} form @param {string} value @param {() => string} textOf
 * @param {string} otherwise where the text can be had when the browser refuses
 */
function onPress(form, value, textOf, otherwise) {
  const button = form.querySelector(`[value="${value}"]`);
  if (!(button instanceof HTMLElement)) return;
  const before = button.textContent;
  button.addEventListener('click', () => {
    const tell = (/** @type {string} */ text) => {
      button.textContent = text;
      setTimeout(() => (button.textContent = before), 2000);
    };
    // Browsers refuse the clipboard to some pages opened from a folder.
    navigator.clipboard.writeText(textOf()).then(
      () => tell('Copied'),
      () => tell(otherwise),
    );
  });
}

/** Colours, ends and words of the colourbar. @param {App} app @param {HTMLElement} legend */
export function showLegend(app, legend) {
  const { model, state, scene } = app;
  const { scales, colormaps } = model.payload;
  const scale = scales.find(({ id }) => id === state.scale) ?? scales[0];
  const colormap = colormaps.find(({ id }) => id === state.colormap) ?? colormaps[0];
  const colors = state.signed ? scene.signedColors : scene.colors;
  const stops = legend.querySelectorAll('stop');
  for (const [i, stop] of stops.entries()) {
    const color = colors[Math.round((255 * i) / (stops.length - 1))];
    stop.setAttribute('stop-color', `rgb(${color & 255} ${(color >> 8) & 255} ${(color >> 16) & 255})`);
  }
  const { shared } = scene;
  const number =
    shared === null ? '' : `${state.scale === 'global' ? shortNumber(shared) : `${(100 * shared).toPrecision(3)} %`}: `;
  write(legend, '.low', state.signed ? `−${scale.top}` : '0');
  write(legend, '.high', `${number}${scale.top}`);
  write(legend, '.scale-meaning', scale.meaning);
  const caution = ' This colormap is not in step with the values: bands and edges in it need not be in the map.';
  write(
    legend,
    '.drawn',
    `${colormap.title} over the picture at ${state.opacity} % opacity${state.threshold > 0 ? `, hidden below ${state.threshold} % of the top` : ''}.${colormap.perceptual ? '' : caution}`,
  );
}

/** @param {HTMLElement} root @param {string} selector @param {string} text */
function write(root, selector, text) {
  const element = root.querySelector(selector);
  if (element) element.textContent = text;
}
