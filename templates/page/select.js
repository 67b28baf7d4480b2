// Which samples are shown, in which order. Pure: rows as data in, indices out.

/** @typedef {import('./state.js').State} State */

/**
 * @typedef {object} Row What filters and orders look at.
 * @property {string} id
 * @property {string | null} label
 * @property {readonly (boolean | null)[]} right per column; null where nothing is known
 * @property {readonly (string | null)[]} predicted per column
 * @property {readonly (number | null)[]} sureness probability of the predicted class per column
 * @property {readonly (number | null)[]} outside share of the map's energy outside the mask, per column
 */

/**
 * @param {readonly Row[]} rows @param {State} state
 * @param {(row: number) => number | null} attention difference of attention, 0..1, computed when asked for
 * @returns {number[]}
 */
export function selectRows(rows, state, attention) {
  const words = state.find.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = [...rows.keys()].filter((i) => {
    const row = rows[i];
    const text = [row.id, row.label ?? '', ...row.predicted.map((name) => name ?? '')].join(' ').toLowerCase();
    if (!words.every((word) => text.includes(word))) return false;
    if (state.label !== '' && row.label !== state.label) return false;
    if (!verdictFits(row.right, state.verdict)) return false;
    if (state.differ && new Set(row.predicted.filter((name) => name !== null)).size < 2) return false;
    if (state.outside > 0 && !((greatest(row.outside) ?? -1) >= state.outside / 100)) return false;
    return state.attention === 0 || (attention(i) ?? -1) >= state.attention / 100;
  });
  return ordered(shown, rows, state.sort, attention);
}

/** @param {readonly (boolean | null)[]} right @param {string} verdict */
function verdictFits(right, verdict) {
  const known = right.filter((value) => value !== null);
  if (verdict === 'all-right') return known.length > 0 && known.every((value) => value);
  if (verdict === 'some-wrong') return known.some((value) => !value);
  if (verdict === 'all-wrong') return known.length > 0 && known.every((value) => !value);
  const [, which, column] = /^(right|wrong)-(\d+)$/.exec(verdict) ?? [];
  return which === undefined || right[Number(column)] === (which === 'right');
}

/**
 * @param {number[]} shown @param {readonly Row[]} rows @param {string} sort
 * @param {(row: number) => number | null} attention
 */
function ordered(shown, rows, sort, attention) {
  const names = new Intl.Collator('en', { numeric: true });
  /** Greatest first; rows without a number last. @param {(row: number) => number | null} key */
  const byNumber = (key) => {
    const keys = new Map(shown.map((i) => [i, key(i) ?? -Infinity]));
    return shown.sort((i, j) => (keys.get(j) ?? 0) - (keys.get(i) ?? 0) || i - j);
  };
  if (sort === 'name') return shown.sort((i, j) => names.compare(rows[i].id, rows[j].id) || i - j);
  if (sort === 'label')
    return shown.sort((i, j) => names.compare(rows[i].label ?? '\uffff', rows[j].label ?? '\uffff') || i - j);
  if (sort === 'attention') return byNumber(attention);
  if (sort === 'outside') return byNumber((i) => greatest(rows[i].outside));
  if (sort === 'unsure') return byNumber((i) => negated(least(rows[i].sureness)));
  return shown;
}

/** @param {readonly (number | null)[]} values */
function greatest(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** @param {readonly (number | null)[]} values */
function least(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** @param {number | null} value */
function negated(value) {
  return value === null ? null : -value;
}
