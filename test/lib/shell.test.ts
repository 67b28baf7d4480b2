import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteArgument, quoteCommand } from '../../src/lib/shell.ts';

describe('quoteArgument', () => {
  it.each([
    ['runs/lmf', 'runs/lmf'],
    ['--layer=lmf=features.7', '--layer=lmf=features.7'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", `'it'\\''s'`],
    ['$HOME `x` "y" \\', `'$HOME \`x\` "y" \\'`],
    ['~/x', "'~/x'"],
    ['=ls', "'=ls'"],
    ['*.jpg', "'*.jpg'"],
  ])('POSIX: %s -> %s', (argument, quoted) => {
    expect(quoteArgument(argument, 'linux')).toBe(quoted);
  });

  it.each([
    ['runs\\lmf', 'runs\\lmf'],
    ['C:\\my runs\\', '"C:\\my runs\\\\"'],
    ['say "x\\"', '"say \\"x\\\\\\""'],
    ['', '""'],
  ])('Windows: %s -> %s', (argument, quoted) => {
    expect(quoteArgument(argument, 'win32')).toBe(quoted);
  });

  it.skipIf(process.platform === 'win32')('a shell gives back what was quoted', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => !/\p{Cs}/u.test(text) && !text.includes('\0'));
    const argument = fc.oneof(
      texts,
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', ' ', '\n', '!', '-', '~') }),
    );
    fc.assert(
      fc.property(fc.array(argument, { minLength: 20, maxLength: 40 }), (argv) => {
        const script = `printf '%s\\0' ${quoteCommand(argv, 'linux')}`;
        const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
        expect(stdout.split('\0').slice(0, -1)).toEqual(argv);
      }),
      { numRuns: 5 },
    );
  });
});
