import { describe, expect, it } from 'vitest';
import { parseMapChoices } from '../src/map-choices.ts';
import { normalizeCompareOptions } from '../src/options.ts';

const minimal = { models: ['m'], images: ['s'] };
const normalize = (more: object) => normalizeCompareOptions({ ...minimal, ...more });

describe('normalizeCompareOptions', () => {
  it('takes metrics of faithfulness by id, or all of them', () => {
    expect(normalize({ faithfulness: ['road', 'deletion', 'road'] }).faithfulness).toEqual(['road', 'deletion']);
    expect(normalize({ faithfulness: ['all'] }).faithfulness).toContain('infidelity');
    expect(() => normalize({ faithfulness: ['rode'] })).toThrow(/did you mean "road"/);
    expect(normalize({ faithfulness: ['road', 'arcc'] }).command).toContain('--faithfulness road,arcc');
  });

  it('fills in every default', () => {
    expect(normalize({})).toEqual({
      models: ['m'],
      images: ['s'],
      labels: undefined,
      masks: undefined,
      target: null,
      layers: {},
      methods: ['gradcam'],
      scale: 'per-map',
      colormap: 'viridis',
      alpha: 0.5,
      batch: 8,
      threads: undefined,
      engine: 'auto',
      faithfulness: [],
      sanity: false,
      permuted: {},
      out: './out',
      singleFile: false,
      tensorboard: false,
      inputs: {},
      showInput: false,
      output: undefined,
      choices: parseMapChoices({}),
      command: 'gradcam compare --models m --images s',
      signal: undefined,
    });
  });

  it('takes undefined for absent', () => {
    expect(normalize({ alpha: undefined, layer: undefined })).toEqual(normalize({}));
  });

  it('sorts layers by run', () => {
    expect(normalize({ layer: ['layer4', 'lmf=features.7', 'x=a=b'] }).layers).toEqual({
      '*': 'layer4',
      lmf: 'features.7',
      x: 'a=b',
    });
    expect(normalize({ layer: [] }).layers).toEqual({});
  });

  it('takes a method named twice once', () => {
    expect(normalize({ method: ['layercam', 'gradcam', 'layercam'] }).methods).toEqual(['layercam', 'gradcam']);
  });

  it('makes the command that asks for the same', () => {
    const spec = {
      layer: ['a b', 'lmf=c'],
      method: ['gradcam', 'layercam'],
      alpha: 0,
      singleFile: true,
      target: null,
      out: "it's",
    };
    expect(normalize(spec).command).toBe(
      `gradcam compare --models m --images s --layer 'a b' --layer lmf=c --method gradcam,layercam --alpha 0 --out 'it'\\''s' --single-file`,
    );
    expect(normalize({ command: 'mine' }).command).toBe('mine');
  });

  it.each([
    [{ models: [] }, 'bad-option'],
    [{ models: 'runs/ce' }, 'bad-option'],
    [{ images: [7] }, 'bad-option'],
    [{ layer: 'layer4' }, 'bad-option'],
    [{ method: [] }, 'bad-option'],
    [{ method: ['nope'] }, 'unknown-method'],
    [{ colormap: 'toString' }, 'unknown-colormap'],
    [{ scale: '' }, 'unknown-scale'],
    [{ alpha: NaN }, 'bad-option'],
    [{ alpha: '0.5' }, 'bad-option'],
    [{ batch: 1e9 }, 'bad-option'],
    [{ threads: 0 }, 'bad-option'],
    [{ target: '' }, 'bad-option'],
    [{ colourmap: 'viridis' }, 'unknown-option'],
  ])('refuses %j: %s', (spec, code) => {
    expect(() => normalize(spec)).toThrow(expect.objectContaining({ code }));
  });
});
