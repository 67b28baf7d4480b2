// Subsets of a map's cells, removed as patches of the input. A pixel of an interpolated map means nothing by itself; a cell is
// what the map really holds.
import type { Subject } from './subject.ts';

/** `count` random subsets of `size` of the map's cells each; the same for one subject and name every time. */
export function subsetsOf(subject: Subject, size: number, count: number, name: string): Uint32Array[] {
  const random = subject.random(name);
  const cells = Array.from(subject.map.data.keys());
  return Array.from({ length: count }, () => Uint32Array.from(random.shuffled(cells).slice(0, size)));
}

/** The input with the patches of these cells taken from the deletion baseline. */
export function withoutCells(subject: Subject, cells: Uint32Array): Float32Array {
  const { map, height, width, settings } = subject;
  const removed = new Uint8Array(map.data.length);
  for (const cell of cells) removed[cell] = 1;
  const chosen = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * map.height) / height) * map.width;
    for (let x = 0; x < width; x++) chosen[y * width + x] = removed[row + Math.floor(((x + 0.5) * map.width) / width)]!;
  }
  return subject.mixed(chosen, subject.baseline(settings.deletion));
}

/** Sum of the map over these cells. */
export function sumOver({ map }: Subject, cells: Uint32Array): number {
  return cells.reduce((sum, cell) => sum + map.data[cell]!, 0);
}
