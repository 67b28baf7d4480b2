import { describe, expect, it } from 'vitest';
import { scaleMaxima, scales, type ScaledMap, type ScaleId } from '../../../src/report/scale.ts';
import { sharedTop, topsOf } from '../../../templates/page/scale.js';

const noise = (i: number): number => ((i * 2654435761) >>> 0) / 2 ** 32;
const maps: ScaledMap[] = Array.from({ length: 12 }, (_, i) => ({
  max: i === 5 ? 0 : noise(i) - 0.1,
  sum: i === 5 ? 0 : 3 * noise(i + 100),
  method: i % 2 === 0 ? 'gradcam' : 'hirescam',
  sample: String(Math.floor(i / 4)),
  logit: i === 3 ? 0 : 4 - i,
}));
const strengths = maps.map((map) => ({
  ...map,
  max: Math.max(0, map.max),
  sample: Number(map.sample),
  method: map.method === 'gradcam' ? 0 : 1,
}));

describe('topsOf', () => {
  it.each(Object.keys(scales) as ScaleId[])('is what overlays on disk are scaled by: %s', (id) => {
    const page = topsOf(id, strengths);
    for (const [i, top] of scaleMaxima(id, maps).entries()) expect(page[i]).toBeCloseTo(top, 6);
  });

  it('leaves out cells without a map', () => {
    expect(topsOf('global', [null, strengths[0] ?? null])).toEqual([null, strengths[0]?.max]);
  });
});

describe('sharedTop', () => {
  it('is a number only where all maps share it', () => {
    const one = strengths.filter(({ method }) => method === 0);
    expect(sharedTop('global', one)).toBeCloseTo(Math.max(...one.map(({ max }) => max)), 5);
    expect(sharedTop('global', strengths)).toBeNull(); // two methods, two scales
    expect(sharedTop('per-map', one)).toBeNull();
    expect(sharedTop('per-sample', one)).toBeNull();
    expect(sharedTop('mass', one)).toBeCloseTo(Math.max(...one.map(({ max, sum }) => (sum > 0 ? max / sum : 0))), 5);
  });
});
