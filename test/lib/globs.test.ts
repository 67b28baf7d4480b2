import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandBraces, expandGlob, expandPaths, matchesSegment } from '../../src/lib/globs.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('matchesSegment', () => {
  it.each([
    ['*.jpg', 'a.jpg', true],
    ['*.jpg', 'a.jpg.txt', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['[.]x', '.x', false],
    ['?.jpg', 'é.jpg', true],
    ['?.jpg', '😀.jpg', true],
    ['ISIC_[0-9]*', 'ISIC_0024306', true],
    ['[!a-c]x', 'dx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a]x', 'ax', false],
    ['[]a]', ']', true],
    ['[a-]', '-', true],
    ['[z-a]', 'm', false],
    ['[!z-a]', 'm', true],
    ['[a', '[a', true],
    ['a+(b)|c', 'a+(b)|c', true],
    ['a.b', 'axb', false],
    ['*a*', 'banana', true],
    ['**', 'x', true],
    ['[\u{1f600}-\uffff]', 'x', false],
  ])('%s on %s: %s', (pattern, name, matches) => {
    expect(matchesSegment(name, pattern)).toBe(matches);
  });

  it('takes every character of a class for itself', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\\/.[\]{}]/.test(text));
    fc.assert(
      fc.property(name, (text) => {
        const pattern = [...text].map((character) => (/[!^]/.test(character) ? `?` : `[${character}]`)).join('');
        expect(matchesSegment(text, pattern)).toBe(true);
        expect(matchesSegment(`${text}x`, pattern)).toBe(false);
      }),
    );
  });

  it('a star stands for any text', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '+', '$', '(') });
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        expect(matchesSegment(a + b + c, `${a}*${c}`)).toBe(true);
      }),
    );
  });
});

describe('expandBraces', () => {
  it.each([
    ['a', ['a']],
    ['{a,b}', ['a', 'b']],
    ['x{a,b}y{c,d}', ['xayc', 'xayd', 'xbyc', 'xbyd']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd']],
    ['{a,}b', ['ab', 'b']],
    ['{a}', ['{a}']],
    ['{a,b', ['{a,b']],
    ['{x{a,b}', ['{xa', '{xb']],
    ['a}b', ['a}b']],
  ])('%s', (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
  });

  it('refuses to make millions', () => {
    expect(() => expandBraces('{a,b}'.repeat(40))).toThrow('too many alternatives');
  });

  it('makes the product of all groups', () => {
    const parts = fc.array(fc.constantFrom('a', 'b', ''), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 3 }), (groups) => {
        const count = groups.reduce((product, group) => product * group.length, 1);
        expect(expandBraces(groups.map((group) => `{${group.join(',')}}`).join('-'))).toHaveLength(count);
      }),
    );
  });
});

describe('expandGlob', () => {
  function tree() {
    const folder = temporaryFolder();
    for (const name of ['runs/ce/model.onnx', 'runs/lmf/model.onnx', 'runs/lmf/deep/er/x.onnx', 'runs/img10.jpg'])
      folder.put(name);
    for (const name of ['runs/img2.jpg', 'runs/.hidden/x.onnx', 'runs/.x.jpg']) folder.put(name);
    const relative = async (pattern: string) =>
      (await expandGlob(`${folder.path}/${pattern}`)).map((path) => path.slice(folder.path.length + 1));
    return { ...folder, relative };
  }

  it('expands in natural order, hidden files left out', async () => {
    const { relative } = tree();
    expect(await relative('runs/*')).toEqual(['runs/ce', 'runs/img2.jpg', 'runs/img10.jpg', 'runs/lmf']);
    expect(await relative('runs/*/')).toEqual(['runs/ce', 'runs/lmf']);
    expect(await relative('runs/{lmf,ce}/model.*')).toEqual(['runs/ce/model.onnx', 'runs/lmf/model.onnx']);
    expect(await relative('*/c[ef]/?odel.onnx')).toEqual(['runs/ce/model.onnx']);
    expect(await relative('runs/nothing*')).toEqual([]);
    expect(await relative('runs/*/missing')).toEqual([]);
  });

  it('looks at every depth for **', async () => {
    const { relative } = tree();
    expect(await relative('**/*.onnx')).toEqual([
      'runs/ce/model.onnx',
      'runs/lmf/deep/er/x.onnx',
      'runs/lmf/model.onnx',
    ]);
    expect(await relative('runs/**/er/*')).toEqual(['runs/lmf/deep/er/x.onnx']);
    expect(await relative('runs/lmf/**')).toEqual([
      'runs/lmf/deep',
      'runs/lmf/deep/er',
      'runs/lmf/deep/er/x.onnx',
      'runs/lmf/model.onnx',
    ]);
  });

  it.skipIf(process.platform === 'win32')('does not run in circles after links', async () => {
    const { path, relative } = tree();
    symlinkSync(path, join(path, 'runs/loop'));
    expect(await relative('**/model.onnx')).toEqual(['runs/ce/model.onnx', 'runs/lmf/model.onnx']);
    expect(await relative('runs/loop/*/ce')).toEqual(['runs/loop/runs/ce']);
  });
});

describe('expandPaths', () => {
  it('takes a path that exists as it is, wildcards in its name or not', async () => {
    const { path, put } = temporaryFolder();
    const odd = put('a [1] {x,y}?.jpg');
    put('b1.jpg');
    expect(await expandPaths([odd, `${path}/b*`])).toEqual([
      { path: odd, pattern: null },
      { path: `${path}/b1.jpg`, pattern: `${path}/b*` },
    ]);
  });

  it('leaves a missing path for the one who opens it, but not a pattern that finds nothing', async () => {
    const { path } = temporaryFolder();
    expect(await expandPaths([`${path}/missing`])).toEqual([{ path: `${path}/missing`, pattern: null }]);
    await expect(expandPaths([`${path}/x*`])).rejects.toMatchObject({ code: 'no-match' });
  });
});
