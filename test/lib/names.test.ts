import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SAFE_NAME_BYTES,
  distinctNames,
  distinctSafeNames,
  editDistance,
  naturalCompare,
  nearestNames,
  safeName,
  unknownName,
} from '../../src/lib/names.ts';

const anyText = fc.string({ unit: 'binary' });

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['virdis', 'viridis', 1],
    ['layre4', 'layer4', 1], // a swap of neighbours counts once
    ['ca', 'abc', 3], // no part is edited twice
  ])('%s -> %s: %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it('is zero for the same text only, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe('nearestNames', () => {
  it('puts the likeliest first and leaves out the unlikely', () => {
    expect(nearestNames('virdis', ['viridis', 'magma', 'cividis', 'turbo'])).toEqual(['viridis', 'cividis']);
    expect(nearestNames('zzz', ['viridis', 'magma'])).toEqual([]);
  });

  it('does not mind case, and knows parts of names', () => {
    expect(nearestNames('LAYER4', ['layer3', 'layer4'])[0]).toBe('layer4');
    expect(nearestNames('conv3', ['layer4.2.conv3', 'bn', 'layer4.2.conv1'])[0]).toBe('layer4.2.conv3');
  });

  it('lists no name twice and no more than asked for', () => {
    expect(nearestNames('a', ['a', 'a', 'b', 'c', 'd'], 2)).toEqual(['a']);
    expect(nearestNames('ab', ['ac', 'ad', 'ae', 'af'], 2)).toHaveLength(2);
  });
});

describe('unknownName', () => {
  it('gives the list, the nearest, and a code', () => {
    const error = unknownName('colormap', 'virdis', ['viridis', 'magma']);
    expect(error.code).toBe('unknown-colormap');
    expect(error.message).toBe(
      'unknown colormap "virdis"\n  expected: one of viridis, magma\n  to do:    did you mean "viridis"?',
    );
    expect(unknownName('CAM method', 'x', ['gradcam']).code).toBe('unknown-CAM-method');
  });
});

describe('naturalCompare', () => {
  it('counts', () => {
    expect(['img10', 'img2', 'Img1', 'img1'].sort(naturalCompare)).toEqual(['img1', 'Img1', 'img2', 'img10']);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(naturalCompare(a, b))).toBe(-Math.sign(naturalCompare(b, a)) + 0);
        expect(naturalCompare(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('safeName', () => {
  it.each([
    ['ISIC_0024306', 'ISIC_0024306'],
    ['häuser & co (1), 日本.v2', 'häuser & co (1), 日本.v2'],
    ['<script>alert("x")</script>', '_script_alert(_x_)__script_'],
    ['a/b\\c:d*e?f|g', 'a_b_c_d_e_f_g'],
    ['..', '__'],
    ['.hidden', '_hidden'],
    ['  name.  ', 'name_'],
    ['', '_'],
    ['\u0000\n\u202e', '___'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com1', '_com1'],
    ['LPT¹.x', '_LPT¹.x'],
    ['console', 'console'],
    ['a\u0308', 'ä'],
  ])('%j -> %j', (text, name) => {
    expect(safeName(text)).toBe(name);
  });

  it('cuts long names at a whole character and keeps them apart', () => {
    const a = safeName('ü'.repeat(500));
    const b = safeName('ü'.repeat(501));
    expect(Buffer.byteLength(a)).toBeLessThanOrEqual(SAFE_NAME_BYTES);
    expect(a).toMatch(/^ü{50,}-[0-9a-f]{8}$/);
    expect(a).not.toBe(b);
  });

  it('holds for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = safeName(text);
        expect(name).not.toMatch(/[<>:"/\\|?*\p{Cc}]/u);
        expect(name).not.toMatch(/^\.|[. ]$|^ /);
        expect(name.length).toBeGreaterThan(0);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(SAFE_NAME_BYTES);
        expect(safeName(name)).toBe(name);
      }),
    );
  });
});

describe('distinctSafeNames', () => {
  it('numbers names that a file system takes for one, keeping those that are unique', () => {
    expect(distinctSafeNames(['a', 'A', 'b'])).toEqual(['a', 'A-2', 'b']);
    expect(distinctSafeNames(['x:y', 'x?y', 'x_y-2'])).toEqual(['x_y', 'x_y-3', 'x_y-2']);
    expect(distinctSafeNames(['é', 'e\u0301'])).toEqual(['é', 'é-2']);
  });

  it('never gives one name twice', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'A', ':', '-', '2', 'ß', 's') })), (texts) => {
        const names = distinctSafeNames(texts);
        expect(new Set(names.map((name) => name.toUpperCase())).size).toBe(texts.length);
      }),
    );
  });
});

describe('distinctNames', () => {
  const name = (...paths: string[]) => distinctNames(paths.map((path) => path.split('/')));

  it('keeps what is unique and tells apart what is not by the folders that differ', () => {
    expect(name('s/a', 's/b')).toEqual(['a', 'b']);
    expect(name('s/nv/1', 's/mel/1', 's/mel/2')).toEqual(['nv_1', 'mel_1', '2']);
    expect(name('train/nv/1', 'test/nv/1')).toEqual(['train_nv_1', 'test_nv_1']);
    expect(name('1', 'x/1')).toEqual(['1', 'x_1']);
  });

  it('numbers what nothing tells apart', () => {
    expect(name('s/a', 's/a')).toEqual(['s_a', 's_a-2']);
    expect(name('a_b/c', 'x/c', 'a_b_c')).toEqual(['a_b_c', 'x_c', 'a_b_c-2']);
  });

  it('never gives one name twice', () => {
    const part = fc.constantFrom('a', 'b', 'a_b', 'c-2', 'c');
    fc.assert(
      fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 4 })), (paths) => {
        expect(new Set(distinctNames(paths)).size).toBe(paths.length);
      }),
    );
  });
});
