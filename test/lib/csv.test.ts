import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, formatCsv, parseCsv } from '../../src/lib/csv.ts';

const cells = (text: string, separator?: string) => parseCsv(text, 'a.csv', separator).map((row) => row.cells);

describe('parseCsv', () => {
  it.each([
    [
      'plain',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'no last line end',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'old Mac',
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['byte order mark', '\ufeffa,b\n', [['a', 'b']]],
    [
      'empty cells',
      ',\na,\n,b\n',
      [
        ['', ''],
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['empty lines', '\na\n\n\nb\n\n', [['a'], ['b']]],
    ['nothing', '', []],
    [
      'quotes',
      '"a,b","c""d"\n"e\r\nf",g',
      [
        ['a,b', 'c"d'],
        ['e\r\nf', 'g'],
      ],
    ],
    ['a quote inside', '5" lesion,x\n', [['5" lesion', 'x']]],
    ['text after a quote', '"ab"cd,e\n', [['abcd', 'e']]],
    ['an empty quoted cell at the end', 'a,""', [['a', '']]],
    [
      'semicolons',
      'image;dx\n1,5;nv\n',
      [
        ['image', 'dx'],
        ['1,5', 'nv'],
      ],
    ],
    [
      'tabs',
      'image\tdx\nx\tnv',
      [
        ['image', 'dx'],
        ['x', 'nv'],
      ],
    ],
    [
      'a header with the other separator in quotes',
      '"a;b;c",d\n1,2',
      [
        ['a;b;c', 'd'],
        ['1', '2'],
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it('counts the lines of the file, not the rows', () => {
    expect(parseCsv('a\n\n"b\nc"\nd', 'a.csv').map((row) => row.line)).toEqual([1, 3, 5]);
  });

  it('says where a quote was opened that nobody closes', () => {
    expect(() => cells('a,b\n"c,d\ne,f')).toThrow('a.csv, line 2');
  });

  it('reads back whatever was written by the rules', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '\t', '"', '\n', '\r', 'é', '0') });
    const row = fc.array(cell, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(row),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        (rows, separator, end) => {
          const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(separator) + end);
          expect(cells(quoted.join(''), separator)).toEqual(rows);
        },
      ),
    );
  });

  it('never hangs or loses text, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r') }), (text) => {
        try {
          expect(cells(text).flat().join('').replaceAll(/[^a]/g, '')).toBe(text.replaceAll(/[^a]/g, ''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-csv' });
        }
      }),
    );
  });

  it('reads a hundred thousand rows in a second', () => {
    const text = 'image,dx\n' + 'ISIC_0024306,"nv"\r\n'.repeat(100_000);
    const start = performance.now();
    expect(parseCsv(text, 'a.csv')).toHaveLength(100_001);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('decodeText', () => {
  it.each([
    ['UTF-8', [0xc3, 0xa9], 'é'],
    ['UTF-8 with a mark', [0xef, 0xbb, 0xbf, 0x61], 'a'],
    ['UTF-16, little end first', [0xff, 0xfe, 0xe9, 0x00], 'é'],
    ['UTF-16, big end first', [0xfe, 0xff, 0x00, 0xe9], 'é'],
    ['Windows-1252', [0xe9, 0x61], 'éa'],
  ])('%s', (_, bytes, text) => {
    expect(decodeText(new Uint8Array(bytes))).toBe(text);
  });
});

it('writes what it reads', () => {
  const rows = [
    ['id', 'label'],
    ['a,b', 'x "y"\nz'],
    [' c', ''],
  ];
  const text = formatCsv(rows);
  expect(text.split('\n')[0]).toBe('id,label');
  expect(parseCsv(text, 'x.csv').map(({ cells }) => cells)).toEqual(rows);
});
