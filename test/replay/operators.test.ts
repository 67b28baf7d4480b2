import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { operators } from '../../src/replay/operators.ts';
import { tf } from '../../src/tf/tfjs.ts';
import { feedsOf, graphOf } from './case.ts';
import { families } from './cases.ts';
import { derivative, runOrt, runReplay } from './run.ts';

beforeAll(() => tf.setBackend('cpu'));

describe.each(Object.entries(families))('%s', (_, cases) => {
  test.each(cases.map((example) => [example.op, example.title, example] as const))(
    '%s: %s equals ONNX Runtime',
    async (_op, _title, example) => {
      const graph = graphOf(example);
      const feeds = feedsOf(example);
      const expected = await runOrt(graph, feeds);
      const found = runReplay(graph, feeds);
      for (const [name, { shape, values }] of expected) {
        expect(found.get(name)!.shape, `shape of ${name}`).toEqual(shape);
        values.forEach((value, index) => {
          const actual = found.get(name)!.values[index]!;
          if (Number.isNaN(value)) expect(actual).toBeNaN();
          else if (actual !== value) {
            expect(
              Math.abs(actual - value) / (1 + Math.abs(value)),
              `${name}[${index}] = ${actual}, expected ${value}`,
            ).toBeLessThan(example.tolerance);
          }
        });
      }
    },
  );

  // Differences in float32 over a step of 4e-3 are good to about 1e-3; a wrong gradient is off by its own size.
  const differentiable = cases.filter((example) => example.gradient);
  test.each(differentiable.map((example) => [example.op, example.title, example] as const))(
    '%s: %s has the gradient of differences',
    (_op, _title, example) => {
      const { byGradient, byDifference } = derivative(graphOf(example), feedsOf(example), 4e-3);
      expect(Math.abs(byGradient - byDifference)).toBeLessThan(4e-3 * (1 + Math.abs(byDifference)));
    },
  );
});

test('files, families of the table and cases are the same', () => {
  const files = readdirSync(new URL('../../src/replay/ops', import.meta.url)).map((name) => name.replace('.ts', ''));
  expect(Object.keys(families).sort()).toEqual(files.sort());
  const covered = new Set(Object.values(families).flatMap((cases) => cases.map((example) => example.op)));
  expect([...covered].sort()).toEqual(Object.keys(operators).sort());
});
