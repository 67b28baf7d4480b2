import { expect, it } from 'vitest';
import { contourPath } from '../../src/image/contours.ts';
import { contourPath as contourPathOfPage } from '../../templates/page/contours.js';
import { exampleMap } from '../report/on-disk.ts';

it('are the lines that the page draws', () => {
  for (const place of [
    { x: 0, y: 0, width: 1, height: 1 },
    { x: 0.125, y: -0.2, width: 0.75, height: 1.4 },
  ]) {
    const map = exampleMap(5);
    const levels = [0.25, 0.5, 0.75].map((share) => share * Math.max(...map.data));
    const [ours, theirs] = [contourPath, contourPathOfPage].map((path) =>
      path(map, place, levels).match(/-?\d+/g)!.map(Number),
    );
    expect(ours).toHaveLength(theirs!.length);
    expect(Math.max(...ours!.map((value, i) => Math.abs(value - theirs![i]!)))).toBeLessThanOrEqual(1);
  }
});

it('of a slope are straight', () => {
  const map = { width: 4, height: 1, data: Float32Array.of(0, 1, 2, 3) };
  // 1.5 lies half way between the middle two cells, in the middle of the map.
  expect(contourPath(map, { x: 0, y: 0, width: 1, height: 1 }, [1.4999])).toMatch(/^(M500 \d+L500 \d+)+$/);
});
