// The column that compares two others: its title, and its head with a colourbar for differences.

/** @typedef {import('./main.js').App} App */

/** @param {import('./state.js').State} state @param {readonly { name: string }[]} columns */
export function comparisonTitle({ compare, a, b }, columns) {
  const [first, second] = [a, b].map((i) => columns[i].name.slice(0, 40));
  return compare === 'swipe' ? `${first} | ${second}` : `${first} − ${second}`;
}

/** Puts the head's cell over the comparison, or takes it away. @param {App} app @param {HTMLTableElement} table */
export function showComparison({ model, state, scene }, table) {
  const head = table.tHead?.rows[0];
  if (!head) return;
  head.querySelector('.compared')?.remove();
  const { columns } = model.payload;
  table.style.setProperty('--columns', String(state.compare === 'off' ? columns.length : columns.length + 1));
  if (state.compare === 'off') return;
  const cell = document.createElement('th');
  cell.className = 'compared';
  cell.scope = 'col';
  cell.setAttribute('role', 'columnheader');
  cell.textContent = comparisonTitle(state, columns);
  const kind = document.createElement('span');
  kind.className = 'loss';
  const names = [state.b, state.a].map((i) => columns[i].name.slice(0, 24));
  kind.append(...(state.compare === 'swipe' ? ['swipe: move over it'] : signedBar(scene.signedColors, names)));
  cell.append(kind);
  head.append(cell);
}

/** A colourbar for differences, in shares of the top. @param {Uint32Array} colors @param {readonly string[]} names lower end, upper end */
function signedBar(colors, [lower, upper]) {
  const bar = document.createElement('canvas');
  bar.className = 'signed-bar';
  bar.width = colors.length;
  bar.height = 1;
  const pixels = new Uint8ClampedArray(colors.slice().buffer);
  bar.getContext('2d')?.putImageData(new ImageData(pixels, colors.length, 1), 0, 0);
  const ticks = document.createElement('span');
  ticks.className = 'ticks';
  for (const text of [`${lower} +1`, '0', `${upper} +1`]) {
    const tick = document.createElement('span');
    tick.textContent = text;
    ticks.append(tick);
  }
  return [bar, ticks];
}
