// Python's pickles, protocols 0 to 5, read without Python: a machine of some sixty instructions on a stack. It knows plain values
// and containers; what classes and functions mean is asked of the caller, and nothing is ever executed.
// Instructions: https://github.com/python/cpython/blob/main/Lib/pickletools.py
import { GradcamError } from '../../lib/errors.ts';
import { PickledGlobal, PickledObject, type Pickled } from './pickle-values.ts';

export interface PickleContext {
  /** For messages. */
  readonly path: string;
  /** What calling a class or function gives. Throws GradcamError for those that are refused. */
  call(global: PickledGlobal, args: Pickled): Pickled;
  /** A new object of a class, not yet filled. Throws GradcamError for those that are refused. */
  make(global: PickledGlobal, args: Pickled): Pickled;
  /** What stands outside the pickle under an id. */
  persistent(id: Pickled): Pickled;
}

export interface Unpickled {
  readonly value: Pickled;
  /** Bytes read. */
  readonly length: number;
}

/** Values one pickle may make: checkpoints have thousands, with the optimiser's state some hundred thousand. */
const MAX_VALUES = 2_000_000;
/** Bytes of the largest integer that is believed. */
const MAX_INTEGER = 1024;
const NEWLINE = 10;
const UTF8 = new TextDecoder();
const LATIN1 = new TextDecoder('latin1');

/**
 * Reads one pickle from the start of `bytes`. Throws GradcamError: `pickle-truncated` where the bytes end before the pickle
 * does, `checkpoint-damaged` for what is no pickle, and whatever the context throws.
 */
export function unpickle(bytes: Uint8Array, context: PickleContext): Unpickled {
  const machine = new Machine(bytes, context);
  for (;;) {
    const code = machine.byte();
    if (code === STOP) return { value: machine.pop(), length: machine.at };
    const instruction = INSTRUCTIONS[code];
    if (instruction === undefined)
      throw machine.damaged('an instruction', `byte 0x${code.toString(16).padStart(2, '0')}`);
    instruction(machine);
  }
}

class Machine {
  at = 0;
  readonly context: PickleContext;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private stack: Pickled[] = [];
  /** Stacks put aside at marks. */
  private readonly marks: Pickled[][] = [];
  private readonly memo = new Map<number, Pickled>();
  private made = 0;

  constructor(bytes: Uint8Array, context: PickleContext) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.context = context;
  }

  byte(): number {
    return this.view.getUint8(this.skip(1));
  }

  /** An unsigned little-endian integer of 1, 2, 4 or 8 bytes. */
  count(width: 1 | 2 | 4 | 8): number {
    const at = this.skip(width);
    if (width === 1) return this.view.getUint8(at);
    if (width === 2) return this.view.getUint16(at, true);
    return width === 4 ? this.view.getUint32(at, true) : Number(this.view.getBigUint64(at, true));
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  take(length: number): Uint8Array {
    const at = this.skip(length);
    return this.bytes.subarray(at, at + length);
  }

  text(length: number): string {
    return UTF8.decode(this.take(length));
  }

  /** Up to the end of the line, which is passed. */
  line(): string {
    const end = this.bytes.indexOf(NEWLINE, this.at);
    if (end === -1) throw this.truncated();
    const text = LATIN1.decode(this.take(end - this.at));
    this.skip(1);
    return text;
  }

  /** A little-endian integer in two's complement. */
  integer(length: number): number | bigint {
    if (length > MAX_INTEGER) throw this.damaged('an integer', `one of ${length} bytes`);
    const bytes = this.take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!);
    return plain(BigInt.asIntN(8 * length, value));
  }

  push(value: Pickled): void {
    if (++this.made > MAX_VALUES) throw this.damaged(`at most ${MAX_VALUES} values`, 'more');
    this.stack.push(value);
  }

  pop(): Pickled {
    const value = this.stack.pop();
    if (value === undefined) throw this.damaged('a value', 'an empty stack');
    return value;
  }

  top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined) throw this.damaged('a value', 'an empty stack');
    return value;
  }

  last(count: number): Pickled[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  mark(): void {
    if (++this.made > MAX_VALUES) throw this.damaged(`at most ${MAX_VALUES} values`, 'more');
    this.marks.push(this.stack);
    this.stack = [];
  }

  /** Everything since the last mark. */
  sinceMark(): Pickled[] {
    const before = this.marks.pop();
    if (before === undefined) throw this.damaged('a mark', 'none');
    const values = this.stack;
    this.stack = before;
    return values;
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.damaged('a value named before', `number ${index}, which was never named`);
    this.push(value);
  }

  name(value: Pickled): string {
    if (typeof value !== 'string') throw this.damaged('the name of a class or function', 'something else');
    return value;
  }

  global(value: Pickled): PickledGlobal {
    if (!(value instanceof PickledGlobal))
      throw this.damaged('a class or function given by its name', 'something else');
    return value;
  }

  /** Puts pairs of key and value into the dict on top. */
  enter(pairs: readonly Pickled[]): void {
    const into = this.top();
    const entries = into instanceof PickledObject ? into.entries : into;
    if (!(entries instanceof Map) || pairs.length % 2 !== 0) throw this.damaged('a dict to fill', 'something else');
    for (let index = 0; index < pairs.length; index += 2) entries.set(pairs[index]!, pairs[index + 1]!);
  }

  /** Puts elements into the list or set on top. */
  append(values: readonly Pickled[]): void {
    const into = this.top();
    const items = into instanceof PickledObject ? into.items : into;
    if (!Array.isArray(items)) throw this.damaged('a list to fill', 'something else');
    for (const value of values) items.push(value);
  }

  /** Gives the object on top its state. What containers and tensors carry besides is not needed. */
  build(state: Pickled): void {
    const into = this.top();
    if (into instanceof PickledObject) into.state = state;
  }

  damaged(expected: string, found: string): GradcamError {
    return new GradcamError({
      code: 'checkpoint-damaged',
      what: `${this.context.path} holds a pickle that cannot be read (at its byte ${this.at}).`,
      expected,
      found,
      hint: 'The file may be damaged: copy it again, or save the weights again with torch.save(model.state_dict(), ...).',
    });
  }

  private skip(length: number): number {
    const at = this.at;
    if (!(length >= 0) || at + length > this.bytes.length) throw this.truncated();
    this.at += length;
    return at;
  }

  private truncated(): GradcamError {
    return new GradcamError({
      code: 'pickle-truncated',
      what: `${this.context.path} ends in the middle of its pickle.`,
      hint: 'The file may be truncated: copy it again, or save the weights again.',
    });
  }
}

const STOP = 0x2e;
const code = (character: string): number => character.charCodeAt(0);

/** By opcode. */
const INSTRUCTIONS: Readonly<Record<number, (machine: Machine) => void>> = {
  0x80: (m) => void m.byte(), // PROTO
  0x95: (m) => void m.take(8), // FRAME
  [code('(')]: (m) => m.mark(),
  [code('0')]: (m) => void m.pop(),
  [code('1')]: (m) => void m.sinceMark(),
  [code('2')]: (m) => m.push(m.top()),

  [code('N')]: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  [code('I')]: (m) => m.push(integerOrFlag(m, m.line())),
  [code('J')]: (m) => m.push(m.int32()),
  [code('K')]: (m) => m.push(m.count(1)),
  [code('M')]: (m) => m.push(m.count(2)),
  [code('L')]: (m) => m.push(integerOf(m, m.line().replace(/L$/, ''))),
  0x8a: (m) => m.push(m.integer(m.count(1))),
  0x8b: (m) => m.push(m.integer(m.count(4))),
  [code('F')]: (m) => m.push(Number(m.line())),
  [code('G')]: (m) => m.push(m.float64()),

  [code('S')]: (m) => m.push(m.line().replace(/^(['"])(.*)\1$/, '$2')),
  [code('T')]: (m) => m.push(m.text(m.count(4))),
  [code('U')]: (m) => m.push(m.text(m.count(1))),
  [code('V')]: (m) => m.push(unescaped(m.line())),
  [code('X')]: (m) => m.push(m.text(m.count(4))),
  0x8c: (m) => m.push(m.text(m.count(1))),
  0x8d: (m) => m.push(m.text(m.count(8))),
  [code('B')]: (m) => m.push(m.take(m.count(4))),
  [code('C')]: (m) => m.push(m.take(m.count(1))),
  0x8e: (m) => m.push(m.take(m.count(8))),
  0x96: (m) => m.push(m.take(m.count(8))),

  [code(')')]: (m) => m.push([]),
  [code('t')]: (m) => m.push(m.sinceMark()),
  0x85: (m) => m.push(m.last(1)),
  0x86: (m) => m.push(m.last(2)),
  0x87: (m) => m.push(m.last(3)),
  [code(']')]: (m) => m.push([]),
  [code('l')]: (m) => m.push(m.sinceMark()),
  [code('a')]: (m) => m.append([m.pop()]),
  [code('e')]: (m) => m.append(m.sinceMark()),
  [code('}')]: (m) => m.push(new Map()),
  [code('d')]: (m) => {
    const pairs = m.sinceMark();
    m.push(new Map());
    m.enter(pairs);
  },
  [code('s')]: (m) => m.enter(m.last(2)),
  [code('u')]: (m) => m.enter(m.sinceMark()),
  0x8f: (m) => m.push([]),
  0x90: (m) => m.append(m.sinceMark()),
  0x91: (m) => m.push(m.sinceMark()),

  [code('p')]: (m) => m.remember(Number(m.line())),
  [code('q')]: (m) => m.remember(m.count(1)),
  [code('r')]: (m) => m.remember(m.count(4)),
  0x94: (m) => m.rememberNext(),
  [code('g')]: (m) => m.recall(Number(m.line())),
  [code('h')]: (m) => m.recall(m.count(1)),
  [code('j')]: (m) => m.recall(m.count(4)),

  [code('c')]: (m) => m.push(new PickledGlobal(m.line(), m.line())),
  0x93: (m) => {
    const [module, name] = m.last(2) as [Pickled, Pickled];
    m.push(new PickledGlobal(m.name(module), m.name(name)));
  },
  [code('R')]: (m) => {
    const [global, args] = m.last(2) as [Pickled, Pickled];
    m.push(m.context.call(m.global(global), args));
  },
  [code('i')]: (m) => {
    const global = new PickledGlobal(m.line(), m.line());
    m.push(m.context.make(global, m.sinceMark()));
  },
  [code('o')]: (m) => {
    const [global = null, ...args] = m.sinceMark();
    m.push(m.context.make(m.global(global), args));
  },
  0x81: (m) => {
    const [global, args] = m.last(2) as [Pickled, Pickled];
    m.push(m.context.make(m.global(global), args));
  },
  0x92: (m) => {
    const [global, args] = m.last(3) as [Pickled, Pickled, Pickled];
    m.push(m.context.make(m.global(global), args));
  },
  [code('b')]: (m) => m.build(m.pop()),
  [code('P')]: (m) => m.push(m.context.persistent(m.line())),
  [code('Q')]: (m) => m.push(m.context.persistent(m.pop())),
};

const plain = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** Protocol 0 writes True and False as the integers 01 and 00. */
function integerOrFlag(machine: Machine, text: string): Pickled {
  return text === '01' || text === '00' ? text === '01' : integerOf(machine, text);
}

function integerOf(machine: Machine, text: string): number | bigint {
  if (!/^-?\d{1,600}$/.test(text)) throw machine.damaged('an integer', `"${text.slice(0, 40)}"`);
  return plain(BigInt(text));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\u([\da-f]{4})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
