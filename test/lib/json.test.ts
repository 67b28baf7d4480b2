import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/lib/json.ts';

function valueOf(text: string): unknown {
  const result = parseJson(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function problemOf(text: string) {
  const result = parseJson(text);
  if (result.ok) throw new Error(`read: ${JSON.stringify(result.value)}`);
  return result.problem;
}

describe('parseJson', () => {
  it('reads JSON, a byte order mark before it or not', () => {
    expect(parseJson('\ufeff{"a": [1, null]}')).toEqual({ ok: true, value: { a: [1, null] }, oddities: [] });
  });

  it('reads comments, trailing commas and the NaN of Python, and says so', () => {
    const text = `{
      // label in the report
      "name": "LMF", /* the
      paper's */ "url": "http://x//y",
      "metrics": { "f1": NaN, "least": -Infinity, "n": -1.5e3 },
      "classes": ["a", "b",],
    }`;
    expect(valueOf(text)).toEqual({
      name: 'LMF',
      url: 'http://x//y',
      metrics: { f1: null, least: null, n: -1500 },
      classes: ['a', 'b'],
    });
    expect(parseJson(text)).toMatchObject({
      oddities: ['comments', 'NaN, taken as null', '-Infinity, taken as null', 'a comma after the last item'],
    });
  });

  it.each([
    ['{"a": 1,\n "b" 2}', 2, 6, ': after the field name "b"', '"2}"'],
    ['{"a": 1\n "b": 2}', 2, 2, ', or }', '"\\"b\\": 2}"'],
    ['[1, 2', 1, 6, ', or ]', 'the end of the text'],
    ['', 1, 1, 'a value', 'the end of the text'],
    ['{a: 1}', 1, 2, 'a field name in double quotes, or }', '"a: 1}"'],
    ['{"path": "C:\\data"}', 1, 10, 'a string that ends on its line, with backslashes doubled', '"\\"C:\\\\data\\"}"'],
    ['{} x', 1, 4, 'the end of the text', '"x"'],
    ['[01]', 1, 3, ', or ]', '"1]"'],
    ['[,]', 1, 2, 'a value', '",]"'],
    ['\r\n\r\n?', 3, 1, 'a value', '"?"'],
  ])('%j: line %i, column %i', (text, line, column, expected, found) => {
    expect(problemOf(text)).toEqual({ line, column, expected, found });
  });

  it('does not let a file reach the prototype', () => {
    const value = valueOf('{"__proto__": {"polluted": true},}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('stops at absurd depth instead of overflowing', () => {
    expect(problemOf('['.repeat(100_000) + '/**/').expected).toBe('at most 200 levels');
  });

  it('reads leniently whatever it reads strictly', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(valueOf(`/**/${text}`)).toEqual(JSON.parse(text));
      }),
    );
  });
});
