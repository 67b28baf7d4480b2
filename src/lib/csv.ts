// CSV text -> rows of cells, as RFC 4180 has it and as spreadsheets really write it: byte order marks, semicolons, tabs.
import { GradcamError } from './errors.ts';

export interface CsvRow {
  /** Line on which the row begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Bytes as text: UTF-8, UTF-16 where a byte order mark says so, Windows-1252 where the bytes are not valid UTF-8
 * (older spreadsheets). The byte order mark is gone.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * Splits CSV text into rows. Cells in double quotes may hold separators, line ends and doubled quotes. Empty lines are
 * left out. `separator`: found from the first line where not given. Throws GradcamError `bad-csv`, naming `file` and
 * line, when a quote is never closed.
 */
export function parseCsv(text: string, file: string, separator = separatorOf(text)): CsvRow[] {
  const source = text.replace(/^\ufeff/, '');
  const rows: CsvRow[] = [];
  let line = 1;
  let at = 0;
  while (at < source.length) {
    const first = line;
    const cells: string[] = [];
    for (;;) {
      const cell = source[at] === '"' ? quotedCell(source, at, separator) : bareCell(source, at, separator);
      if (cell === null) throw openQuote(file, line);
      cells.push(cell.text);
      line += linesIn(source, at, cell.end);
      at = cell.end;
      if (source[at] !== separator) break;
      at++;
    }
    if (source[at] === '\r' && source[at + 1] === '\n') at++;
    at++; // the line end, or the end of the text
    line++;
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: first, cells });
  }
  return rows;
}

/** The separator that the first line has most of, outside quotes; a comma where it has none. */
function separatorOf(text: string): string {
  const [head = ''] = text.replaceAll(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: head.split(separator).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}

interface Cell {
  readonly text: string;
  /** Index of the character after the cell: a separator, a line end, or the end of the text. */
  readonly end: number;
}

/** A quote inside a bare cell is text: `5" lesion`. */
function bareCell(source: string, start: number, separator: string): Cell {
  let end = start;
  while (end < source.length && source[end] !== separator && source[end] !== '\n' && source[end] !== '\r') end++;
  return { text: source.slice(start, end), end };
}

/** A cell that begins with a quote; null where that is never closed. Text after the closing quote belongs to the cell. */
function quotedCell(source: string, start: number, separator: string): Cell | null {
  let text = '';
  let at = start + 1;
  for (;;) {
    const quote = source.indexOf('"', at);
    if (quote === -1) return null;
    text += source.slice(at, quote);
    if (source[quote + 1] !== '"') {
      const rest = bareCell(source, quote + 1, separator);
      return { text: text + rest.text, end: rest.end };
    }
    text += '"';
    at = quote + 2;
  }
}

function linesIn(source: string, start: number, end: number): number {
  let lines = 0;
  for (let i = start; i < end; i++) {
    if (source[i] === '\n' || (source[i] === '\r' && source[i + 1] !== '\n')) lines++;
  }
  return lines;
}

function openQuote(file: string, line: number): GradcamError {
  return new GradcamError({
    code: 'bad-csv',
    what: `cannot read ${file}, line ${line}`,
    expected: 'a closing double quote',
    found: 'the end of the file',
    hint: 'double quotes inside a cell are written twice',
  });
}

/** Rows of cells as CSV: commas, LF, cells quoted where they need it, a line end after the last row. */
export function formatCsv(rows: readonly (readonly string[])[]): string {
  const cellOf = (cell: string) => (/[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => `${row.map(cellOf).join(',')}\n`).join('');
}
