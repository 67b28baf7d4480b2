import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatList,
  formatNumber,
  formatPercent,
  formatRate,
  printable,
} from '../../src/lib/format.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [7_320_000, '2 h 02 min'],
    [Infinity, '?'],
  ])('%d ms: %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

it.each([
  [128.4, '128/s'],
  [12.34, '12/s'],
  [3.44, '3.4/s'],
  [0.25, '4.0 s each'],
  [0, '?/s'],
  [NaN, '?/s'],
])('formatRate(%d) is %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

it.each([
  [0, '0'],
  [0.013_14, '0.0131'],
  [-7.314, '-7.31'],
  [1234.5, '1235'],
  [1e-20, '1.00e-20'],
  [NaN, 'NaN'],
])('formatNumber(%d) is %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it('writes shares, counts and lists', () => {
  expect(formatPercent(0.934)).toBe('93.4 %');
  expect(formatPercent(NaN)).toBe('?');
  expect(formatCount(1, 'picture')).toBe('1 picture');
  expect(formatCount(0, 'class', 'classes')).toBe('0 classes');
  expect(formatList(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  expect(formatList(['a', 'b'], 2)).toBe('a, b');
});

it('shows control characters instead of obeying them', () => {
  expect(printable('a\u001b[31mb\tc\n\u202ed')).toBe('a\\u001b[31mb\tc\n\\u202ed');
  expect(printable('häuser 日本 😀')).toBe('häuser 日本 😀');
});
