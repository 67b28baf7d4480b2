// What the page shows -> the command that draws it for a paper. Pure: state as data in, text out.

/** @typedef {import('./state.js').State} State */
/** @typedef {import('../../src/report/payload.ts').Payload} Payload */

/** More rows do not fit on a printed page. */
const mostRows = 6;

/**
 * @typedef {object} View
 * @property {Payload} payload
 * @property {State} state
 * @property {State} defaults
 * @property {readonly number[]} shown rows, in their order
 * @property {ReadonlyMap<number, import('./state.js').Zoom>} zooms
 * @property {string} report path of report.json
 * @property {boolean} windows how the shell quotes
 */

/** The command line of the figure that looks like this view. @param {View} view */
export function figureCommand(view) {
  const { payload, state, defaults, report, windows } = view;
  const rows = rowsOf(view);
  const words = ['gradcam', 'figure', report, ...samplesOf(view, rows), ...columnsOf(payload, state)];
  if (state.colormap !== defaults.colormap) words.push('--colormap', state.colormap);
  if (state.scale !== defaults.scale) words.push('--scale', state.scale);
  if (state.opacity !== defaults.opacity) words.push('--alpha', String(state.opacity / 100));
  if (state.cells !== 'smooth') words.push('--cells', state.cells);
  if (state.threshold > 0 && !state.signed) words.push('--threshold', String(state.threshold));
  for (const name of /** @type {const} */ (['contours', 'signed', 'mask'])) if (state[name]) words.push(`--${name}`);
  words.push(...cropOf(view, rows), '--venue', 'ieee2');
  return words.map((word) => quoted(word, windows)).join(' ');
}

/** The sample that is shown alone, else the first rows in sight. @param {View} view */
function rowsOf({ state, shown }) {
  if (state.detail > 0) return [state.detail - 1];
  const first = Math.max(0, shown.indexOf(state.at - 1));
  return shown.slice(first, first + mostRows);
}

/** @param {View} view @param {readonly number[]} rows */
function samplesOf({ payload }, rows) {
  const all = rows.length === payload.samples.length && rows.every((row, i) => row === i);
  return ['--samples', all ? 'all' : rows.map((row) => payload.samples[row].id).join(',')];
}

/** Nothing where the figure's own columns are meant: the picture and all runs. @param {Payload} payload @param {State} state */
function columnsOf({ columns }, { compare, a, b }) {
  if (compare !== 'difference' || a === b) return [];
  const runs = [...new Set(columns.map(({ runId }) => runId))];
  return ['--columns', ['input', ...runs, `${columns[a].runId}-vs-${columns[b].runId}`].join(',')];
}

/** The part that is in sight, where the figure's rows are zoomed alike. @param {View} view @param {readonly number[]} rows */
function cropOf({ zooms }, rows) {
  const parts = new Set(
    rows.map((row) => {
      const { zoom, x, y } = zooms.get(row) ?? { zoom: 1, x: 0, y: 0 };
      const share = (/** @type {number} */ value) => Math.floor(1000 * value) / 1000;
      return [share(-x / zoom), share(-y / zoom), share(1 / zoom), share(1 / zoom)].join(',');
    }),
  );
  const [part] = parts;
  return parts.size === 1 && part !== undefined && part !== '0,0,1,1' ? ['--crop', part] : [];
}

/** The report beside the page, as a path for the shell. @param {{ protocol: string, pathname: string }} address */
export function reportPath({ protocol, pathname }) {
  if (protocol !== 'file:') return 'report.json';
  const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
  const path = `${decoded(folder)}report.json`;
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As src/lib/shell.ts quotes. @param {string} word @param {boolean} windows */
function quoted(word, windows) {
  if (windows) {
    if (/^[\w+=:./\\-]+$/.test(word)) return word;
    return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
  }
  if (/^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('=')) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
