import { describe, expect, it } from 'vitest';
import { defaultState, hashToState, parseZooms, stateToHash, zoomsToText } from '../../../templates/page/state.js';

const defaults = defaultState({ colormap: 'viridis', scale: 'per-map', alpha: 0.5, columns: 3 });
const limits = { colormaps: ['viridis', 'magma'], scales: ['per-map', 'global'], columns: 3, rows: 10 };

describe('state in the address', () => {
  it('is empty for the report as it was made', () => {
    expect(stateToHash({ ...defaults }, defaults)).toBe('');
    expect(hashToState('', defaults, limits)).toEqual(defaults);
  });

  it('comes back as it was', () => {
    const state = {
      ...defaults,
      colormap: 'magma',
      opacity: 0,
      contours: true,
      find: 'a&b=c #ü%',
      label: '<b>',
      compare: 'swipe',
      b: 1,
      detail: 10,
      zoom: '3~2~-0.5~-1',
    };
    expect(hashToState(stateToHash(state, defaults), defaults, limits)).toEqual(state);
  });

  it('takes nothing that cannot be', () => {
    const wrong =
      'colormap=no&scale=&opacity=101&threshold=x&contours=1&a=3&detail=11&sort=up&at=1.5&__proto__=1&constructor=2&find=%E0%A4%A&nothing';
    expect(hashToState(wrong, defaults, limits)).toEqual(defaults);
  });
});

describe('zooms in the address', () => {
  it('come back, within a thousandth and within their limits', () => {
    const zooms = new Map([
      [0, { zoom: 2.25, x: -1.24999, y: 0 }],
      [7, { zoom: 16, x: -15, y: -3.3333 }],
    ]);
    const back = parseZooms(zoomsToText(zooms));
    expect(back.get(0)).toEqual({ zoom: 2.25, x: -1.249, y: 0 });
    expect(back.get(7)).toEqual({ zoom: 16, x: -15, y: -3.333 });
  });

  it('are ignored where they make no sense', () => {
    expect(parseZooms('x,1~0~0~0,2~17~0~0,3~2~1~0,4~2~-2~0,5~2~NaN~0').size).toBe(0);
  });
});
