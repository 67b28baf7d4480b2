import { describe, expect, test } from 'vitest';
import { GradcamError } from '../../../src/lib/errors.ts';
import { callGlobal, makeObject } from '../../../src/model/torch/pickle-globals.ts';
import { PickledObject, type Pickled } from '../../../src/model/torch/pickle-values.ts';
import { unpickle } from '../../../src/model/torch/pickle.ts';

const read = (bytes: Uint8Array): Pickled =>
  unpickle(bytes, {
    path: 'model.pth',
    call: (global, args) => callGlobal(global, args, 'model.pth'),
    make: (global, args) => makeObject(global, args, 'model.pth'),
    persistent: (id) => id,
  }).value;

const text = (pickle: string): Uint8Array => Buffer.from(pickle, 'latin1');

/** Python's pickle.dumps of one value, by each protocol. */
const DUMPS: readonly [number, string][] = [
  [
    0,
    'KGRwMApWaQpwMQoobHAyCkkwCmFJLTEKYUkyNTUKYUk2NTUzNQphSS0yMTQ3NDgzNjQ4CmFMOTAwNzE5OTI1NDc0MDk5MkwKYUwxMTgwNTkxNjIwNzE3NDExMzAzNDI0TAphTC0xMTgwNTkxNjIwNzE3NDExMzAzNDI0TAphc1ZmCnAzCihscDQKRjAuNQphRi0xZSszMDAKYXNWcwpwNQoobHA2ClZhCnA3CmFW6Vx1NGUyZApwOAphc1ZiCnA5CkkwMQpzVm4KcDEwCk5zVnQKcDExCihJMQpJMgooSTMKSTQKSTUKSTYKdHAxMgp0cDEzCnNWbwpwMTQKY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnAxNQoodFJwMTYKVmsKcDE3CkkxCnNzLg==',
  ],
  [
    1,
    'fXEAKFgBAAAAaXEBXXECKEsASv////9L/03//0oAAACATDkwMDcxOTkyNTQ3NDA5OTJMCkwxMTgwNTkxNjIwNzE3NDExMzAzNDI0TApMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMCmVYAQAAAGZxA11xBChHP+AAAAAAAABH/jfkPIgAdZxlWAEAAABzcQVdcQYoWAEAAABhcQdYBQAAAMOp5LitcQhlWAEAAABicQlJMDEKWAEAAABucQpOWAEAAAB0cQsoSwFLAihLA0sESwVLBnRxDHRxDVgBAAAAb3EOY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEPKVJxEFgBAAAAa3ERSwFzdS4=',
  ],
  [
    2,
    'gAJ9cQAoWAEAAABpcQFdcQIoSwBK/////0v/Tf//SgAAAICKBwAAAAAAACCKCQAAAAAAAAAAQIoJAAAAAAAAAADAZVgBAAAAZnEDXXEEKEc/4AAAAAAAAEf+N+Q8iAB1nGVYAQAAAHNxBV1xBihYAQAAAGFxB1gFAAAAw6nkuK1xCGVYAQAAAGJxCYhYAQAAAG5xCk5YAQAAAHRxC0sBSwIoSwNLBEsFSwZ0cQyHcQ1YAQAAAG9xDmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxDylScRBYAQAAAGtxEUsBc3Uu',
  ],
  [
    3,
    'gAN9cQAoWAEAAABpcQFdcQIoSwBK/////0v/Tf//SgAAAICKBwAAAAAAACCKCQAAAAAAAAAAQIoJAAAAAAAAAADAZVgBAAAAZnEDXXEEKEc/4AAAAAAAAEf+N+Q8iAB1nGVYAQAAAHNxBV1xBihYAQAAAGFxB1gFAAAAw6nkuK1xCGVYAQAAAGJxCYhYAQAAAG5xCk5YAQAAAHRxC0sBSwIoSwNLBEsFSwZ0cQyHcQ1YAQAAAG9xDmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxDylScRBYAQAAAGtxEUsBc3Uu',
  ],
  [
    4,
    'gASVtgAAAAAAAAB9lCiMAWmUXZQoSwBK/////0v/Tf//SgAAAICKBwAAAAAAACCKCQAAAAAAAAAAQIoJAAAAAAAAAADAZYwBZpRdlChHP+AAAAAAAABH/jfkPIgAdZxljAFzlF2UKIwBYZSMBcOp5LitlGWMAWKUiIwBbpROjAF0lEsBSwIoSwNLBEsFSwZ0lIeUjAFvlIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlIwBa5RLAXN1Lg==',
  ],
  [
    5,
    'gAWVtgAAAAAAAAB9lCiMAWmUXZQoSwBK/////0v/Tf//SgAAAICKBwAAAAAAACCKCQAAAAAAAAAAQIoJAAAAAAAAAADAZYwBZpRdlChHP+AAAAAAAABH/jfkPIgAdZxljAFzlF2UKIwBYZSMBcOp5LitlGWMAWKUiIwBbpROjAF0lEsBSwIoSwNLBEsFSwZ0lIeUjAFvlIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlIwBa5RLAXN1Lg==',
  ],
];
const VALUE = new Map<string, Pickled>([
  ['i', [0, -1, 255, 65535, -(2 ** 31), 9007199254740992n, 2n ** 70n, -(2n ** 70n)]],
  ['f', [0.5, -1e300]],
  ['s', ['a', 'é中']],
  ['b', true],
  ['n', null],
  ['t', [1, 2, [3, 4, 5, 6]]],
  ['o', new Map<Pickled, Pickled>([['k', 1]])],
]);

test.each(DUMPS)('protocol %i', (_, base64) => {
  expect(read(Buffer.from(base64, 'base64'))).toEqual(VALUE);
});

describe('objects', () => {
  test('of unknown classes are records of their attributes', () => {
    const namespace = read(text('\x80\x02cargparse\nNamespace\n)\x81}X\x02\x00\x00\x00lrK\x01sb.'));
    expect(namespace).toBeInstanceOf(PickledObject);
    expect((namespace as PickledObject).state).toEqual(new Map([['lr', 1]]));
  });

  test('enumerations and dates are records too', () => {
    expect(read(text('\x80\x02cmine\nMode\nK\x01\x85R.'))).toBeInstanceOf(PickledObject);
    expect(read(text('\x80\x02cdatetime\ndate\nC\x04\x07\xe8\x01\x01\x85R.'))).toBeInstanceOf(PickledObject);
  });

  test('a class or function by itself is a name', () => {
    expect(read(text('\x80\x02ctorch.nn.modules.batchnorm\nBatchNorm2d\n.'))).toMatchObject({ name: 'BatchNorm2d' });
  });
});

describe('nothing is executed', () => {
  test.each([
    ['os.system', "cos\nsystem\n(S'echo'\ntR."],
    ['posix.system', "cposix\nsystem\n(S'echo'\ntR."],
    ['nt.system', '\x80\x04\x8c\x02nt\x8c\x06system\x93\x8c\x04echo\x85R.'],
    ['builtins.eval', 'cbuiltins\neval\n(S"1"\ntR.'],
    ['__builtin__.eval', 'c__builtin__\neval\n(S"1"\ntR.'],
    ['builtins.exec', 'cbuiltins\nexec\n(S"1"\ntR.'],
    ['builtins.__import__', 'cbuiltins\n__import__\n(S"os"\ntR.'],
    ['subprocess.Popen', '\x80\x02csubprocess\nPopen\nX\x02\x00\x00\x00ls\x85\x81.'],
    ['subprocess.check_output', "csubprocess\ncheck_output\n(S'ls'\ntR."],
    ['os.system', "(S'echo'\nios\nsystem\n."],
    ['os.system', "(cos\nsystem\nS'echo'\no."],
    ['runpy._run_code', "crunpy\n_run_code\n(S'1'\ntR."],
    ['torch.load', "ctorch\nload\n(S'x'\ntR."],
    ['evil.payload', 'cevil\npayload\n(tR.'],
    ['importlib.import_module', "cimportlib\nimport_module\n(S'os'\ntR."],
    ['os.system', '\x80\x02ccopyreg\n_reconstructor\n(cos\nsystem\nc__builtin__\nobject\nNtR.'],
    ['os.system', "\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nN(S'ls'\ntNtR."],
  ])('%s is refused by name', (name, pickle) => {
    expect(() => read(text(pickle))).toThrow(
      expect.objectContaining({
        code: 'checkpoint-unsafe',
        message: expect.stringContaining(name) as string,
      }) as GradcamError,
    );
  });
});

describe('damage', () => {
  test.each([
    ['nothing', ''],
    ['no end', '\x80\x02K\x01'],
    ['an empty stack', '.'],
    ['a string beyond the end', '\x80\x02X\xff\xff\xff\x7fa.'],
    ['a value that was never named', '\x80\x02h\x05.'],
    ['no mark', '\x80\x02K\x01t.'],
    ['an unknown instruction', '\x80\x02\xff.'],
    ['a number that is a list', '\x80\x02K\x01K\x02a.'],
    ['a dict with half a pair', '\x80\x02}(K\x01u.'],
    ['an integer of 2 GB', '\x80\x02\x8b\xff\xff\xff\x7f.'],
    ['a call of a call', '\x80\x02cmine\nMode\nK\x01\x85R)R.'],
    ['a number of words', 'Ione\n.'],
  ])('%s ends in an error', (_, pickle) => {
    expect(() => read(text(pickle))).toThrow(GradcamError);
  });

  test('levels of nesting without number are just read', () => {
    const depth = 300_000;
    expect(read(text(']'.repeat(depth) + 'a'.repeat(depth - 1) + '.'))).toHaveLength(1);
  });

  test('more values than any checkpoint has are not made', () => {
    expect(() => read(text('N'.repeat(3_000_000) + '.'))).toThrow('more');
  });
});
