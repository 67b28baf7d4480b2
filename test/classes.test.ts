import { describe, expect, test } from 'vitest';
import {
  borrowNames,
  classIndex,
  classNames,
  consensus,
  isRight,
  probabilities,
  twoSidedLogits,
  type ClassHead,
} from '../src/classes.ts';

const head = (classes: string[], more: Partial<ClassHead> = {}): ClassHead => ({
  classes,
  named: true,
  activation: 'softmax',
  logits: classes.length,
  logitScale: 1,
  ...more,
});

describe('probabilities', () => {
  test('softmax of the scaled logits, worked by hand', () => {
    // logits ln 1, ln 3 -> 1/4, 3/4; with scale 2 -> 1/10, 9/10
    const logits = Float32Array.of(0, Math.log(3));
    expect([...probabilities(logits, head(['a', 'b']))]).toEqual([expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)]);
    expect([...probabilities(logits, head(['a', 'b'], { logitScale: 2 }))]).toEqual([
      expect.closeTo(0.1, 6),
      expect.closeTo(0.9, 6),
    ]);
  });

  test('logits of a thousand do not overflow', () => {
    expect([...probabilities(Float32Array.of(1000, 1000), head(['a', 'b']))]).toEqual([0.5, 0.5]);
  });

  test('a model that ends in a sigmoid gives each class its own', () => {
    const values = probabilities(Float32Array.of(0, Math.log(3)), head(['a', 'b'], { activation: 'sigmoid' }));
    expect([...values]).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.75, 6)]);
  });

  test('one logit has two sides that sum to one', () => {
    const binary = head(['no', 'yes'], { logits: 1, activation: 'none' });
    const values = probabilities(twoSidedLogits(Float32Array.of(Math.log(3))), binary);
    expect([...values]).toEqual([expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)]);
  });
});

describe('classes by name', () => {
  test('name, name but for case, index, nothing', () => {
    const run = head(['MEL', 'NV', '7']);
    expect([
      classIndex('NV', run),
      classIndex('nv', run),
      classIndex('0', run),
      classIndex('7', run),
      classIndex('9', run),
      classIndex('x', run),
    ]).toEqual([1, 1, 0, 2, -1, -1]);
  });

  test('names that do not fit the head are not used', () => {
    expect(classNames(['a', 'b'], 3)).toEqual({ classes: ['class 0', 'class 1', 'class 2'], named: false });
    expect(classNames(['no', 'yes'], 1)).toEqual({ classes: ['no', 'yes'], named: true });
  });

  test('a run without names borrows those of a twin, or the alphabetical labels', () => {
    const bare = head(['class 0', 'class 1'], { named: false });
    expect(borrowNames(bare, [head(['x', 'y', 'z']), head(['b', 'a'])], [])?.classes).toEqual(['b', 'a']);
    expect(borrowNames(bare, [], ['nv', 'mel', 'nv'])?.classes).toEqual(['mel', 'nv']);
    expect(borrowNames(bare, [], ['nv'])).toBeNull();
    expect(borrowNames(head(['a', 'b']), [], ['c', 'd'])).toBeNull();
  });
});

describe('isRight', () => {
  test('is open where the classes have no names and the label is none of their numbers', () => {
    const bare = head(['class 0', 'class 1'], { named: false });
    expect(isRight(1, 'nv', bare)).toBeNull();
    expect(isRight(1, '1', bare)).toBe(true);
    expect(isRight(1, 'NV', head(['mel', 'nv']))).toBe(true);
    expect(isRight(1, 'bcc', head(['mel', 'nv']))).toBe(false);
  });
});

describe('consensus', () => {
  test('mean probability over runs with different class orders', () => {
    const votes = [
      { head: head(['a', 'b']), probabilities: Float64Array.of(0.6, 0.4) },
      { head: head(['b', 'a']), probabilities: Float64Array.of(0.9, 0.1) },
    ];
    expect(consensus(votes)).toBe('b'); // a: 0.35, b: 0.65
  });

  test('a class that one run lacks does not win over shared ones', () => {
    const votes = [
      { head: head(['a', 'b']), probabilities: Float64Array.of(0.7, 0.3) },
      { head: head(['a', 'c']), probabilities: Float64Array.of(0.01, 0.99) },
    ];
    expect(consensus(votes)).toBe('a');
  });

  test('names that differ in case alone are one class, unless a run tells them apart', () => {
    const upper = { head: head(['A', 'B']), probabilities: Float64Array.of(0.4, 0.6) };
    const lower = { head: head(['b', 'a']), probabilities: Float64Array.of(0.3, 0.7) };
    expect(consensus([upper, lower])).toBe('A'); // A: 0.55, B: 0.45
    const both = { head: head(['a', 'A', 'b']), probabilities: Float64Array.of(0.8, 0.1, 0.1) };
    expect(consensus([upper, both])).toBe('B'); // A: 0.25, B: 0.35; "a" is in one run only
  });

  test('a run of NaN has no vote', () => {
    const votes = [
      { head: head(['a', 'b']), probabilities: Float64Array.of(NaN, NaN) },
      { head: head(['a', 'b']), probabilities: Float64Array.of(0.2, 0.8) },
    ];
    expect(consensus(votes)).toBe('b');
    expect(consensus(votes.slice(0, 1))).toBeNull();
  });
});
