// JSON written by hand or by Python: where strict parsing fails, a reader that knows comments, trailing commas, NaN and
// Infinity, and that says line and column of what it cannot read.

export interface JsonProblem {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  readonly expected: string;
  readonly found: string;
}

export type JsonResult =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** What is not JSON, but was read. */ readonly oddities: readonly string[];
    }
  | { readonly ok: false; readonly problem: JsonProblem };

/** Parses JSON text, leniently. NaN and Infinity become null. Never throws. */
export function parseJson(text: string): JsonResult {
  const source = text.replace(/^\ufeff/, '');
  try {
    return { ok: true, value: JSON.parse(source), oddities: [] };
  } catch {
    return parseLeniently(source);
  }
}

const MAX_DEPTH = 200;

class Unreadable extends Error {
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
    this.expected = expected;
  }
}

function parseLeniently(source: string): JsonResult {
  const reader = new Reader(source);
  try {
    const value = reader.document();
    return { ok: true, value, oddities: [...reader.oddities] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const before = source.slice(0, error.at).split(/\r\n|\r|\n/);
    const found =
      error.at >= source.length ? 'the end of the text' : JSON.stringify(source.slice(error.at, error.at + 12));
    const problem = { line: before.length, column: (before.at(-1) ?? '').length + 1, expected: error.expected, found };
    return { ok: false, problem };
  }
}

/** Recursive descent over the grammar of RFC 8259; every method reads one thing at `at` and leaves `at` behind it. */
class Reader {
  readonly oddities = new Set<string>();
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  document(): unknown {
    const value = this.value(0);
    this.blanks();
    if (this.at < this.source.length) throw new Unreadable(this.at, 'the end of the text');
    return value;
  }

  private value(depth: number): unknown {
    this.blanks();
    if (depth > MAX_DEPTH) throw new Unreadable(this.at, `at most ${MAX_DEPTH} levels`);
    if (this.take('{')) return this.object(depth);
    if (this.take('[')) return this.array(depth);
    if (this.source[this.at] === '"') return this.string();
    const word = this.match(/(?:-?Infinity|NaN|true|false|null)\b/y);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word !== null) {
      if (word !== 'null') this.oddities.add(`${word}, taken as null`);
      return null;
    }
    const number = this.match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number === null) throw new Unreadable(this.at, 'a value');
    return Number(number);
  }

  private object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.closes('}')) {
      if (this.source[this.at] !== '"') throw new Unreadable(this.at, 'a field name in double quotes, or }');
      const name = this.string();
      this.blanks();
      if (!this.take(':')) throw new Unreadable(this.at, `: after the field name ${JSON.stringify(name)}`);
      entries.push([name, this.value(depth + 1)]);
      this.separator('}');
    }
    return Object.fromEntries(entries); // defines "__proto__" like any other field
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = [];
    while (!this.closes(']')) {
      items.push(this.value(depth + 1));
      this.separator(']');
    }
    return items;
  }

  private closes(bracket: '}' | ']'): boolean {
    this.blanks();
    return this.take(bracket);
  }

  private separator(bracket: '}' | ']'): void {
    this.blanks();
    if (this.source[this.at] === bracket) return;
    if (!this.take(',')) throw new Unreadable(this.at, `, or ${bracket}`);
    this.blanks();
    if (this.source[this.at] === bracket) this.oddities.add('a comma after the last item');
  }

  private string(): string {
    const start = this.at;
    const text = this.match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y);
    if (text === null) throw new Unreadable(start, 'a string that ends on its line, with backslashes doubled');
    return String(JSON.parse(text));
  }

  private blanks(): void {
    for (;;) {
      this.match(/[ \t\r\n]+/y);
      if (this.match(/\/\/[^\r\n]*|\/\*[^]*?\*\//y) === null) return;
      this.oddities.add('comments');
    }
  }

  private take(character: string): boolean {
    if (this.source[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
}
