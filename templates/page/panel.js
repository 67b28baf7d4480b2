// One picture of the page: the sample, and over it the heatmap of a run, the difference of two runs, or a swipe between them.
import { contourPath } from './contours.js';
import { paintDifference, paintMap, pixelColors, valueAt } from './grid.js';
import { sharedTop, topsOf } from './scale.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./state.js').State} State */
/** @typedef {{ kind: 'picture' } | { kind: 'map', column: number } | { kind: 'difference' | 'swipe', a: number, b: number }} Subject */

/**
 * @typedef {object} Scene What all panels are drawn with.
 * @property {Model} model
 * @property {State} state
 * @property {string} scale that the next two are for: the state may be a step ahead
 * @property {readonly (number | null)[]} tops per cell
 * @property {number | null} shared number at the top of the colourbar, in the scale's own unit; null where maps share none
 * @property {Uint32Array} colors
 * @property {Uint32Array} signedColors diverging
 */

/**
 * @typedef {object} Panel
 * @property {HTMLElement} element
 * @property {number} row
 * @property {Subject} subject
 * @property {HTMLCanvasElement[]} canvases
 * @property {SVGPathElement | null} contours
 * @property {HTMLElement} value
 */

/** Shares of the top where contours are drawn. */
const contourLevels = [0.25, 0.5, 0.75];
const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * Puts the layers of a panel into `element`. The picture is shown by `src`; empty: on a plain ground.
 * @param {HTMLElement} element @param {Model} model @param {number} row @param {Subject} subject @param {string} src
 * @returns {Panel}
 */
export function createPanel(element, model, row, subject, src) {
  const layers = document.createElement('div');
  layers.className = 'layers';
  if (src !== '') {
    const image = document.createElement('img');
    image.decoding = 'async';
    image.draggable = false; // a drag moves the zoomed picture
    image.alt = '';
    image.src = src;
    layers.append(image);
  }
  const count = subject.kind === 'picture' ? 0 : subject.kind === 'swipe' ? 2 : 1;
  const canvases = Array.from({ length: count }, () => document.createElement('canvas'));
  layers.append(...canvases);
  const lines = document.createElementNS(svgNamespace, 'svg');
  lines.setAttribute('viewBox', '0 0 1000 1000');
  lines.setAttribute('preserveAspectRatio', 'none');
  lines.setAttribute('aria-hidden', 'true');
  const contours = subject.kind === 'map' ? addPath(lines, 'contours', '') : null;
  const outline = model.payload.samples[row].outline;
  if (outline) addPath(lines, 'outline', outline);
  layers.append(lines);
  const marks = document.createElement('div');
  marks.className = 'marks';
  const cross = document.createElement('i');
  cross.className = 'cross';
  const value = document.createElement('span');
  value.className = 'value';
  marks.append(cross, value);
  if (subject.kind === 'swipe') {
    const divider = document.createElement('i');
    divider.className = 'divider';
    marks.append(divider);
  }
  element.replaceChildren(layers, marks);
  element.classList.toggle('swipe', subject.kind === 'swipe');
  return { element, row, subject, canvases, contours, value };
}

/** @param {SVGElement} svg @param {string} name @param {string} path */
function addPath(svg, name, path) {
  // Twice: a dark line under a light one is seen on any ground.
  const group = document.createElementNS(svgNamespace, 'g');
  group.setAttribute('class', name);
  const under = document.createElementNS(svgNamespace, 'path');
  under.setAttribute('class', 'under');
  under.setAttribute('d', path);
  const over = document.createElementNS(svgNamespace, 'path');
  over.setAttribute('class', 'over');
  over.setAttribute('d', path);
  group.append(under, over);
  svg.append(group);
  return over;
}

/**
 * Draws the panel's heatmap at so many pixels.
 * @param {Panel} panel @param {Scene} scene @param {number} width @param {number} height
 */
export function drawPanel(panel, scene, width, height) {
  const { subject, canvases, row } = panel;
  if (subject.kind === 'picture') return;
  if (subject.kind === 'map') {
    drawMap(canvases[0], scene, row, subject.column, width, height);
    drawContours(panel, scene, subject.column);
    return;
  }
  const { a, b } = subject;
  if (subject.kind === 'swipe') {
    drawMap(canvases[0], scene, row, a, width, height);
    drawMap(canvases[1], scene, row, b, width, height);
    return;
  }
  const [first, second] = [a, b].map((column) => partOf(scene, row, column));
  draw(canvases[0], width, height, (pixels) => {
    if (first === null || second === null) pixels.fill(0);
    else
      paintDifference(pixels, width, height, {
        first,
        second,
        smooth: scene.state.cells === 'smooth',
        colors: scene.signedColors,
      });
  });
}

/** @param {HTMLCanvasElement} canvas @param {Scene} scene @param {number} row @param {number} column @param {number} width @param {number} height */
function drawMap(canvas, scene, row, column, width, height) {
  const part = partOf(scene, row, column);
  const { state } = scene;
  draw(canvas, width, height, (pixels) => {
    if (part === null) {
      pixels.fill(0);
      return;
    }
    const { grid, place, unit: top } = part;
    const signed = state.signed;
    const threshold = state.threshold === 0 || signed ? -Infinity : (top * state.threshold) / 100;
    const colors = signed ? scene.signedColors : scene.colors;
    paintMap(pixels, width, height, {
      grid,
      place,
      bottom: signed ? -top : 0,
      top,
      threshold,
      smooth: state.cells === 'smooth',
      colors,
    });
  });
}

/** @param {Scene} scene @param {number} row @param {number} column */
function partOf({ model, tops }, row, column) {
  const grid = model.grid(row, column);
  const cell = model.cell(row, column);
  const top = tops[row * model.payload.columns.length + column];
  return grid === null || cell === null || top === null ? null : { grid, place: cell.place, unit: top };
}

/** Pixels that the drawing of every canvas of one size goes through. @type {ImageData | null} */
let scratch = null;

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height @param {(pixels: Uint32Array) => void} paint */
function draw(canvas, width, height, paint) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  if (scratch === null || scratch.width !== width || scratch.height !== height) scratch = new ImageData(width, height);
  paint(new Uint32Array(scratch.data.buffer));
  canvas.getContext('2d')?.putImageData(scratch, 0, 0);
}

/** @param {Panel} panel @param {Scene} scene @param {number} column */
function drawContours({ contours, row }, scene, column) {
  if (contours === null) return;
  const part = scene.state.contours ? partOf(scene, row, column) : null;
  const levels = contourLevels.map((share) => share * (part?.unit ?? 0)).filter((level) => level > 0);
  const path = part === null ? '' : contourPath(part.grid, part.place, levels);
  for (const line of contours.parentElement?.children ?? []) line.setAttribute('d', path);
}

/**
 * What the panel shows at a point of the picture, in words: the value and its share of the top; empty where there is none.
 * @param {Panel} panel @param {Scene} scene @param {number} x @param {number} y shares of the picture
 */
export function valueText({ subject, row }, scene, x, y) {
  const smooth = scene.state.cells === 'smooth';
  const shareOf = (/** @type {number} */ column) => {
    const part = partOf(scene, row, column);
    const value = part === null ? null : valueAt(part.grid, part.place, x, y, smooth);
    return part === null || value === null ? null : { value, share: part.unit > 0 ? value / part.unit : 0 };
  };
  if (subject.kind === 'picture') return '';
  if (subject.kind === 'map') {
    const found = shareOf(subject.column);
    return found === null ? '' : `${shortNumber(found.value)} · ${Math.round(100 * found.share)} %`;
  }
  const [a, b] = [shareOf(subject.a), shareOf(subject.b)];
  if (a === null || b === null) return '';
  if (subject.kind === 'swipe') return `${Math.round(100 * a.share)} % | ${Math.round(100 * b.share)} %`;
  const difference = Math.round(100 * (a.share - b.share));
  return `${difference > 0 ? '+' : difference < 0 ? '−' : ''}${Math.abs(difference)} %`;
}

/** @param {number} value */
export function shortNumber(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(2).replace('e+', 'e') : String(Number(value.toPrecision(3)));
}

/**
 * @param {Model} model @param {State} state @param {Scene} [before] whose tops are kept where the scale is the same
 * @returns {Scene}
 */
export function createScene(model, state, before) {
  const { colormaps } = model.payload;
  const chosen = colormaps.find(({ id }) => id === state.colormap) ?? colormaps[0];
  const diverging =
    chosen.kind === 'diverging' ? chosen : (colormaps.find(({ kind }) => kind === 'diverging') ?? chosen);
  const same = before?.scale === state.scale ? before : undefined;
  return {
    model,
    state,
    scale: state.scale,
    tops: same?.tops ?? topsOf(state.scale, model.strengths),
    shared: same === undefined ? sharedTop(state.scale, model.strengths) : same.shared,
    colors: pixelColors(bytesOf(chosen.rgb)),
    signedColors: pixelColors(bytesOf(diverging.rgb)),
  };
}

/** @param {string} base64 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
