import { expect, test } from 'vitest';
import type { ClassHead } from '../src/classes.ts';
import { cellTargets, needsVote, ranking, requireKnownTarget } from '../src/targets.ts';

const head = (...classes: string[]): ClassHead => ({
  classes,
  named: true,
  activation: 'softmax',
  logits: classes.length,
  logitScale: 1,
});
const heads = [head('a', 'b'), head('b', 'a')];
const votes = [Float32Array.of(1, 0), Float32Array.of(3, 0)];

test('the label is found by name in every run', () => {
  expect(cellTargets(null, 'b', heads, []).map((target) => target.index)).toEqual([1, 0]);
});

test('without a label the runs vote', () => {
  // softmax(1, 0) gives a 0.73; softmax(3, 0) gives b 0.95: b wins
  expect(cellTargets(null, null, heads, votes).map((target) => target.index)).toEqual([1, 0]);
  expect(cellTargets('consensus', 'a', heads, votes).map((target) => target.index)).toEqual([1, 0]);
});

test('predicted leaves the choice to each run', () => {
  expect(cellTargets('predicted', 'a', heads, votes).map((target) => target.index)).toEqual([-1, -1]);
});

test('a class that a run does not have is said', () => {
  const [, second] = cellTargets('c', null, [head('c'), head('a')], []);
  expect(second).toEqual({ index: -1, note: expect.stringContaining('no class "c"') as string });
});

test('a class that no run has is refused, with the nearest ones', () => {
  expect(() => requireKnownTarget('melanom', [head('nv'), head('melanoma', 'nv')])).toThrow('did you mean "melanoma"');
  for (const known of [null, 'label', 'consensus', 'predicted', 'NV', '1'])
    requireKnownTarget(known, [head('nv'), head('mel', 'nv')]);
});

test('votes are needed only where a class can depend on them', () => {
  expect(needsVote(null, ['a', 'b'], 2)).toBe(false);
  expect(needsVote(null, ['a', null], 2)).toBe(true);
  expect(needsVote('predicted', [null], 2)).toBe(false);
  expect(needsVote('consensus', ['a'], 2)).toBe(true);
  expect(needsVote(null, [null], 1)).toBe(false);
});

test('ranking lists the most probable first and nothing for NaN', () => {
  expect(ranking(Float32Array.of(0, 2, 1), head('a', 'b', 'c')).map((entry) => entry.name)).toEqual(['b', 'c', 'a']);
  expect(ranking(Float32Array.of(NaN, 0), head('a', 'b'))).toEqual([]);
});
