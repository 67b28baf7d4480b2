import { describe, expect, it } from 'vitest';
import { normalizeFigureOptions, type FigureSpec } from '../../src/figure/options.ts';
import { venues } from '../../src/figure/venues.ts';

const normalize = (more: Partial<FigureSpec> = {}) => normalizeFigureOptions({ report: 'out', ...more });

describe('normalizeFigureOptions', () => {
  it('takes width, resolution and size of letters from the venue, unless they are given', () => {
    expect(normalize({ venue: 'elsevier2' })).toMatchObject({ width: 190, dpi: 500, fontSize: 7, wide: true });
    expect(normalize({ venue: 'ieee1' })).toMatchObject({ width: 88.9, dpi: 300, fontSize: 8, wide: false });
    expect(normalize({ venue: 'ieee1', width: 120, dpi: 600, fontSize: 9 })).toMatchObject({
      width: 120,
      dpi: 600,
      fontSize: 9,
      wide: true,
    });
    expect(normalize()).toMatchObject({ width: venues.ieee2.width, formats: ['pdf', 'svg', 'png', 'tex'] });
  });

  it('refuses letters that venues refuse, and says what to do', () => {
    expect(() => normalize({ fontSize: 6 })).toThrow(/7 to 24 points[\s\S]*6 points[\s\S]*fewer columns/);
  });

  it('reads where the files go', () => {
    expect(normalize({ out: 'a/b.pdf' })).toMatchObject({ formats: ['pdf'], out: { folder: 'a', name: 'b' } });
    expect(normalize({ out: 'a/b.1' })).toMatchObject({ out: { folder: 'a', name: 'b.1' } });
    expect(normalize({ out: 'a/' })).toMatchObject({ out: { folder: 'a/', name: 'figure' } });
    expect(normalize({ out: 'b.svg', format: ['tex'] })).toMatchObject({ formats: ['tex'], out: { name: 'b' } });
  });

  it('reads crops', () => {
    expect(normalize({ crop: 'mask:0.5' }).crop).toEqual({ kind: 'mask', margin: 0.5 });
    expect(normalize({ crop: '0.1,0.2,0.5,0.5' }).crop).toEqual({
      kind: 'box',
      box: { x: 0.1, y: 0.2, width: 0.5, height: 0.5 },
    });
    for (const crop of ['0,0,1', '0,0,1.1,1', '0,0,0,1', 'middle', ',,,'])
      expect(() => normalize({ crop })).toThrow(/option crop is wrong/);
  });

  it('names what it does not know', () => {
    expect(() => normalize({ venue: 'ieee' })).toThrow(/unknown venue "ieee"[\s\S]*ieee1/);
    expect(() => normalize({ format: ['pfd'] })).toThrow(/did you mean "pdf"/);
    expect(() => normalize({ labels: ['cell'] })).toThrow(/did you mean "cells"/);
    expect(() => normalize({ runs: ['a'], columns: ['b'] })).toThrow(/either columns or runs/);
  });

  it('makes the command line of options that a program gave', () => {
    const spec = { columns: ['input', 'a b'], venue: 'lncs', mask: true, signed: false, alpha: 0.3 };
    expect(normalize(spec).command).toBe("gradcam figure out --columns 'input,a b' --venue lncs --alpha 0.3 --mask");
  });
});
