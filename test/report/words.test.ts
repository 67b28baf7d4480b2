import { describe, expect, it } from 'vitest';
import { listText, nameToWords, numberText, percentText, shortText, targetWords } from '../../src/report/words.ts';

describe('words of the report', () => {
  it('writes numbers with three significant digits', () => {
    expect([0, 3, 0.0131234, 1234.5, 12, -0.5].map(numberText)).toEqual(['0', '3', '0.0131', '1230', '12', '-0.5']);
    expect([1e-7, 2.5e9, NaN, -Infinity].map(numberText)).toEqual(['1.00e-7', '2.50e9', 'NaN', '-Infinity']);
  });

  it('never rounds a probability to a certainty', () => {
    expect([0.931, 1, 0, 0.99999, 0.00001, NaN].map(percentText)).toEqual([
      '93.1 %',
      '100.0 %',
      '0.0 %',
      '> 99.9 %',
      '< 0.1 %',
      '–',
    ]);
  });

  it('makes words of camel case only', () => {
    expect(['macroF1', 'balancedAccuracy', 'ece', 'top 5', '<b>', 'snake_case'].map(nameToWords)).toEqual([
      'Macro f1',
      'Balanced accuracy',
      'Ece',
      'top 5',
      '<b>',
      'snake_case',
    ]);
  });

  it('cuts at whole characters, lists with "and", says targets', () => {
    expect(shortText('😀😀😀', 2)).toBe('😀…');
    expect(shortText('abc', 3)).toBe('abc');
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listText)).toEqual(['', 'a', 'a and b', 'a, b and c']);
    expect(targetWords('label')).toBe('the labelled class');
    expect(targetWords('mel')).toBe('the class mel');
  });
});
