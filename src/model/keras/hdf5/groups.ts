// Links of an HDF5 group: name -> object, in the old form (symbol table, B-tree, local heap) and the new compact one.
import { Cursor, damaged, NOWHERE, unsupportedHdf5, type Hdf5Bytes } from './cursor.ts';
import { MESSAGE, messageOf, type Message } from './header.ts';

/** Absolute offsets of the headers of a group's members by name; soft and external links are left out. */
export type Links = ReadonlyMap<string, number>;

const MAX_LINKS = 1_000_000;
const MAX_LEVELS = 32;
/** Nodes of one B-tree that are visited: those of a damaged file may be children of many. */
const MAX_NODES = 200_000;

export function linksOf(source: Hdf5Bytes, messages: readonly Message[]): Links {
  const links = new Map<string, number>();
  const table = messageOf(source, messages, MESSAGE.symbolTable);
  if (table !== null) {
    const tree = table.address();
    const heap = heapAt(source, table.address());
    const budget = { levels: MAX_LEVELS, nodes: MAX_NODES };
    visitTree(source, tree, budget, (node) => readSymbols(source, node, heap, links));
  }
  for (const message of messages) {
    if (message.type === MESSAGE.link) readLink(new Cursor(source, message.start, message.end), links);
  }
  const info = messageOf(source, messages, MESSAGE.linkInfo);
  if (info !== null && denseLinks(info) !== NOWHERE)
    throw unsupportedHdf5(source.file, 'groups in the dense form of HDF5 1.8');
  return links;
}

/** Start and end of the local heap's names. */
function heapAt(source: Hdf5Bytes, offset: number): { start: number; end: number } {
  const cursor = new Cursor(source, offset);
  cursor.signature('HEAP');
  cursor.skip(4);
  const size = cursor.length();
  cursor.length();
  const start = cursor.address();
  return { start, end: new Cursor(source, start, start + size).end };
}

/** What may still be visited: levels below this one, and nodes in all. */
interface Budget {
  readonly levels: number;
  nodes: number;
}

/** Calls `visit` with the offset of every symbol table node below a B-tree node. */
function visitTree(source: Hdf5Bytes, offset: number, budget: Budget, visit: (node: number) => void): void {
  const cursor = new Cursor(source, offset);
  cursor.signature('TREE');
  const [type, level, count] = [cursor.u8(), cursor.u8(), cursor.u16()];
  // Levels count down to 0, so that no tree of a damaged file leads back into itself.
  if (type !== 0 || level >= budget.levels)
    throw damaged(source.file, 'a B-tree of a group', `one of type ${type}, level ${level}`);
  cursor.address();
  cursor.address();
  for (let index = 0; index < count; index++) {
    cursor.length();
    const child = cursor.address();
    if (budget.nodes-- <= 0) throw damaged(source.file, `groups of at most ${MAX_NODES} nodes`, 'more');
    if (level === 0) visit(child);
    else {
      const below = { levels: level, nodes: budget.nodes };
      visitTree(source, child, below, visit);
      budget.nodes = below.nodes;
    }
  }
}

function readSymbols(
  source: Hdf5Bytes,
  offset: number,
  heap: { start: number; end: number },
  links: Map<string, number>,
): void {
  const cursor = new Cursor(source, offset);
  cursor.signature('SNOD');
  cursor.skip(2);
  const count = cursor.u16();
  for (let index = 0; index < count; index++) {
    const nameOffset = cursor.unsigned(source.offsetSize);
    const header = cursor.address();
    const cacheType = cursor.u32();
    cursor.skip(20);
    if (cacheType === 2) continue;
    add(source, links, new Cursor(source, heap.start + nameOffset, heap.end).text(), header);
  }
}

/** A link message: a hard link is kept. */
function readLink(cursor: Cursor, links: Map<string, number>): void {
  cursor.skip(1);
  const flags = cursor.u8();
  const kind = flags & 8 ? cursor.u8() : 0;
  if (flags & 4) cursor.skip(8);
  if (flags & 16) cursor.skip(1);
  const name = cursor.utf8(cursor.unsigned(2 ** (flags & 3)));
  if (kind === 0) add(cursor.source, links, name, cursor.address());
}

function add(source: Hdf5Bytes, links: Map<string, number>, name: string, header: number): void {
  if (links.size >= MAX_LINKS) throw damaged(source.file, 'groups of sensible size', `more than ${MAX_LINKS} members`);
  links.set(name, header);
}

/** Address of the heap with links that did not fit the header, NOWHERE where all of them did. */
function denseLinks(cursor: Cursor): number {
  cursor.skip(1);
  if (cursor.u8() & 1) cursor.skip(8);
  return cursor.address();
}
