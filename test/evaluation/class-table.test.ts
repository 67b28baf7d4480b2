import { expect, test } from 'vitest';
import { classTable } from '../../src/evaluation/class-table.ts';

const run = (name: string, classes: string[], named = true) => ({ name, head: { classes, named } });

test('classes are matched by name, whatever their order and case', () => {
  const { classes, places, warnings } = classTable(
    ['nv', 'mel'],
    [3, 4],
    [run('A', ['MEL ', 'nv']), run('B', ['nv', 'mel'])],
  );
  expect(classes).toEqual(['nv', 'mel']);
  expect(places.map((list) => [...list])).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(warnings).toEqual([]);
});

test('classes that a run lacks are said with their pictures; those without pictures are not', () => {
  const { warnings } = classTable(['nv', 'mel', 'df'], [3, 4, 0], [run('A', ['nv', 'bcc'])]);
  expect(warnings).toEqual(['A has no class for mel: its predictions for 4 pictures count as wrong.']);
});

test('classes of runs only come last, and are said', () => {
  const { classes, places, notes } = classTable(['nv'], [3], [run('A', ['scc', 'nv']), run('B', ['nv', 'SCC'])]);
  expect(classes).toEqual(['nv', 'scc']);
  expect(places.map((list) => [...list])).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(notes).toEqual([expect.stringContaining('scc') as string]);
});

test('bare numbers are places in the class list where all runs agree on it', () => {
  const numbers = ['0', '2'];
  const one = classTable(numbers, [1, 1], [run('A', ['x', 'y', 'z'])]);
  expect(one.classes).toEqual(['x', 'z', 'y']);
  expect([...one.places[0]!]).toEqual([0, 2, 1]);
  const two = classTable(numbers, [1, 1], [run('A', ['x', 'y', 'z']), run('B', ['z', 'y', 'x'])]);
  expect(two.classes).toEqual(['0', '2', 'x', 'y', 'z']);
  expect(two.warnings).toHaveLength(2);
});
