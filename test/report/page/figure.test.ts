import { describe, expect, it } from 'vitest';
import { quoteCommand } from '../../../src/lib/shell.ts';
import { packReport } from '../../../src/report/payload.ts';
import { figureCommand, reportPath } from '../../../templates/page/figure.js';
import { defaultState } from '../../../templates/page/state.js';
import { gridReport } from '../on-disk.ts';

const { payload } = await packReport(gridReport(10), '/nowhere');
const defaults = defaultState({ ...payload, columns: payload.columns.length });
const shown = [...payload.samples.keys()];
const view = { payload, defaults, state: defaults, shown, zooms: new Map(), report: 'out/report.json', windows: false };
const commandOf = (state: object, more: object = {}) =>
  figureCommand({ ...view, state: { ...defaults, ...state }, ...more }).replace('gradcam figure out/report.json ', '');

describe('figureCommand', () => {
  it('names the rows in sight and nothing that is as in the report', () => {
    expect(commandOf({})).toBe('--samples s01,s02,s03,s04,s05,s06 --venue ieee2');
    expect(commandOf({ at: 9 })).toBe('--samples s09,s10 --venue ieee2');
    expect(commandOf({ detail: 3 })).toBe('--samples s03 --venue ieee2');
    expect(commandOf({}, { shown: [4, 2] })).toBe('--samples s05,s03 --venue ieee2');
    const two = { ...payload, samples: payload.samples.slice(0, 2) };
    expect(commandOf({}, { payload: two, shown: [0, 1] })).toBe('--samples all --venue ieee2');
  });

  it('has an option for everything that changes how maps look', () => {
    const state = {
      colormap: 'magma',
      scale: 'mass',
      opacity: 70,
      cells: 'raw',
      threshold: 20,
      contours: true,
      mask: true,
    };
    expect(commandOf({ ...state, detail: 1, compare: 'difference', a: 2, b: 0 })).toBe(
      '--samples s01 --columns input,run0,run1,run2,run2-vs-run0 --colormap magma --scale mass --alpha 0.7 --cells raw --threshold 20 --contours --mask --venue ieee2',
    );
    expect(commandOf({ detail: 1, signed: true, threshold: 20 })).toBe('--samples s01 --signed --venue ieee2');
  });

  it('crops where the rows are zoomed alike', () => {
    const zooms = new Map([[1, { zoom: 4, x: -1, y: -2.5 }]]);
    expect(commandOf({ detail: 2 }, { zooms })).toBe('--samples s02 --crop 0.25,0.625,0.25,0.25 --venue ieee2');
    expect(commandOf({}, { zooms })).not.toContain('--crop');
  });

  it('quotes as the rest of the program does', () => {
    for (const report of ['a b/report.json', "it's", 'C:\\out\\x "y"\\', '=x', '$(rm)', '`x`'])
      for (const platform of ['linux', 'win32'] as const)
        expect(figureCommand({ ...view, report, windows: platform === 'win32' }).split(' --samples')[0]).toBe(
          quoteCommand(['gradcam', 'figure', report], platform),
        );
  });

  it('finds the report beside the page', () => {
    const at = (href: string) => reportPath(new URL(href));
    expect(at('file:///home/a%20b/out%231/report.html')).toBe('/home/a b/out#1/report.json');
    expect(at('file:///C:/out/report.html')).toBe('C:/out/report.json');
    expect(at('https://example.org/out/report.html')).toBe('report.json');
  });
});
