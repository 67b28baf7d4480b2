import { describe, expect, it } from 'vitest';
import { selectRows } from '../../../templates/page/select.js';
import { defaultState } from '../../../templates/page/state.js';

const defaults = defaultState({ colormap: 'viridis', scale: 'per-map', alpha: 0.5, columns: 2 });
const rows = [
  { id: 'img10', label: 'nv', right: [true, true], predicted: ['nv', 'nv'], sureness: [0.9, 0.8], outside: [0.1, 0.2] },
  {
    id: 'img2',
    label: 'mel',
    right: [true, false],
    predicted: ['mel', 'nv'],
    sureness: [0.5, 0.99],
    outside: [0.9, null],
  },
  {
    id: 'Img1',
    label: 'mel',
    right: [false, false],
    predicted: ['nv', 'nv'],
    sureness: [0.7, 0.6],
    outside: [null, null],
  },
  { id: 'plain', label: null, right: [null, null], predicted: ['bcc', null], sureness: [1, null], outside: [0.5, 0.6] },
];
const attention = (row: number) => [0.2, 0.7, null, 0.4][row] ?? null;
const select = (change: Partial<typeof defaults>) => selectRows(rows, { ...defaults, ...change }, attention);

describe('selectRows', () => {
  it('shows all in the order of the report at first', () => expect(select({})).toEqual([0, 1, 2, 3]));

  it('finds words in names, labels and predictions, whatever their case', () => {
    expect(select({ find: 'IMG' })).toEqual([0, 1, 2]);
    expect(select({ find: ' mel  nv ' })).toEqual([1, 2]);
    expect(select({ find: 'nothing' })).toEqual([]);
  });

  it('selects by label and verdict', () => {
    expect(select({ label: 'mel' })).toEqual([1, 2]);
    expect(select({ verdict: 'all-right' })).toEqual([0]);
    expect(select({ verdict: 'some-wrong' })).toEqual([1, 2]);
    expect(select({ verdict: 'all-wrong' })).toEqual([2]);
    expect(select({ verdict: 'right-0' })).toEqual([0, 1]);
    expect(select({ verdict: 'wrong-1' })).toEqual([1, 2]);
  });

  it('selects where runs disagree and where maps leave the mask', () => {
    expect(select({ differ: true })).toEqual([1]);
    expect(select({ attention: 40 })).toEqual([1, 3]);
    expect(select({ outside: 60 })).toEqual([1, 3]);
  });

  it('sorts, rows without a number last', () => {
    expect(select({ sort: 'name' })).toEqual([2, 1, 0, 3]);
    expect(select({ sort: 'label' })).toEqual([1, 2, 0, 3]);
    expect(select({ sort: 'attention' })).toEqual([1, 3, 0, 2]);
    expect(select({ sort: 'outside' })).toEqual([1, 3, 0, 2]);
    expect(select({ sort: 'unsure' })).toEqual([1, 2, 0, 3]);
  });
});
