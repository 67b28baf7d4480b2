// Zoom and pan, the same for all pictures of a group (a row, the detail view): wheel, drag and steps -> a transform that
// the style sheet applies. Positions are shares of the picture.

/** @typedef {import('./state.js').Zoom} Zoom */

/** @type {Zoom} */
export const unzoomed = { zoom: 1, x: 0, y: 0 };
const greatestZoom = 16;

/**
 * Zoomed by `factor` so that the point of the frame at `x`, `y` (shares of the frame) stays where it is.
 * @param {Zoom} from @param {number} factor @param {number} x @param {number} y
 * @returns {Zoom}
 */
export function zoomAt(from, factor, x, y) {
  const zoom = Math.min(greatestZoom, Math.max(1, from.zoom * factor));
  const scale = zoom / from.zoom;
  return clamped({ zoom, x: x - (x - from.x) * scale, y: y - (y - from.y) * scale });
}

/** @param {Zoom} from @param {number} dx @param {number} dy shares of the frame @returns {Zoom} */
export function panned(from, dx, dy) {
  return clamped({ zoom: from.zoom, x: from.x + dx, y: from.y + dy });
}

/** The picture always fills its frame. @param {Zoom} zoom @returns {Zoom} */
function clamped({ zoom, x, y }) {
  return { zoom, x: Math.min(0, Math.max(1 - zoom, x)), y: Math.min(0, Math.max(1 - zoom, y)) };
}

/**
 * Where a key leads: plus, minus and zero zoom about the middle, Shift with an arrow moves by a tenth of the frame.
 * @param {Zoom} from @param {KeyboardEvent} event
 * @returns {Zoom | null} null for other keys
 */
export function zoomByKey(from, { key, shiftKey }) {
  if (key === '+' || key === '=') return zoomAt(from, 1.5, 0.5, 0.5);
  if (key === '-' || key === '_') return zoomAt(from, 1 / 1.5, 0.5, 0.5);
  if (key === '0') return unzoomed;
  const shift = shiftKey ? shifts[key] : undefined;
  return shift === undefined ? null : panned(from, ...shift);
}

/** @type {Readonly<Record<string, readonly [number, number]>>} */
const shifts = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };

/** @param {HTMLElement} group @param {Zoom} zoom */
export function applyZoom(group, { zoom, x, y }) {
  group.classList.toggle('zoomed', zoom > 1);
  group.style.setProperty('--zoom', String(zoom));
  group.style.setProperty('--x', String(x));
  group.style.setProperty('--y', String(y));
}

/**
 * Where an event is in a picture's frame, and which point of the picture is there.
 * @param {MouseEvent} event @param {Element} frame @param {Zoom} zoom
 */
export function pointOf(event, frame, zoom) {
  const { left, top, width, height } = frame.getBoundingClientRect();
  const x = (event.clientX - left) / width;
  const y = (event.clientY - top) / height;
  return { x, y, pictureX: (x - zoom.x) / zoom.zoom, pictureY: (y - zoom.y) / zoom.zoom, width, height };
}

/**
 * @typedef {object} Group Pictures that zoom together.
 * @property {HTMLElement} element
 * @property {() => Zoom} zoom
 * @property {(zoom: Zoom) => void} setZoom
 * @property {(point: { x: number, y: number } | null, frame: HTMLElement | null) => void} probe shows the values at a point of the picture
 */

/**
 * Wheel with Ctrl or the command key, drag, and the pointer's values, for every group under `root`. The plain wheel scrolls.
 * @param {HTMLElement} root @param {(target: Element) => Group | null} groupOf
 * @returns {{ dragged: () => boolean }} whether the press that just ended moved the picture, so that it is no click
 */
export function followPointer(root, groupOf) {
  /** @type {{ group: Group, frame: HTMLElement, x: number, y: number, moved: boolean } | null} */
  let drag = null;
  let dragged = false;
  const frameOf = (/** @type {Event} */ event) =>
    event.target instanceof Element ? event.target.closest('.view') : null;

  root.addEventListener(
    'wheel',
    (event) => {
      const frame = frameOf(event);
      const group = frame && groupOf(frame);
      if (!group || !frame || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      const { x, y } = pointOf(event, frame, group.zoom());
      group.setZoom(zoomAt(group.zoom(), Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0025)), x, y));
    },
    { passive: false },
  );
  root.addEventListener('pointerdown', (event) => {
    const frame = frameOf(event);
    const group = frame && groupOf(frame);
    dragged = false;
    if (!(frame instanceof HTMLElement) || !group || event.button !== 0 || group.zoom().zoom === 1) return;
    drag = { group, frame, x: event.clientX, y: event.clientY, moved: false };
    frame.setPointerCapture(event.pointerId);
  });
  root.addEventListener('pointermove', (event) => {
    if (drag !== null) {
      const { width, height } = drag.frame.getBoundingClientRect();
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      drag.group.setZoom(panned(drag.group.zoom(), dx / width, dy / height));
      drag = { ...drag, x: event.clientX, y: event.clientY, moved: true };
    }
    const frame = frameOf(event);
    const group = frame && groupOf(frame);
    if (!(frame instanceof HTMLElement) || !group) return;
    const { pictureX: x, pictureY: y } = pointOf(event, frame, group.zoom());
    group.probe({ x, y }, frame);
  });
  const end = () => {
    dragged = drag?.moved ?? false;
    drag = null;
  };
  root.addEventListener('pointerup', end);
  root.addEventListener('pointercancel', end);
  root.addEventListener('pointerout', (event) => {
    const frame = frameOf(event);
    const to = event.relatedTarget;
    if (frame && !(to instanceof Node && frame.contains(to))) groupOf(frame)?.probe(null, null);
  });
  return { dragged: () => dragged };
}
