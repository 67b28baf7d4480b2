import { describe, expect, it } from 'vitest';
import { inputOf, parseInputs } from '../src/input-options.ts';
import { normalizeCompareOptions } from '../src/options.ts';

describe('parseInputs', () => {
  it('reads every option, for all runs and for one', () => {
    const inputs = parseInputs({
      inputSize: ['224', 'lmf=128x96', 'epoch=9=64,32'],
      resize: ['crop'],
      shortSide: ['256'],
      inputScale: ['-1,1', 'lmf=0,255'],
      mean: ['0.485,0.456,0.406'],
      std: ['lmf=0.5'],
      channels: ['lmf=BGR'],
    });
    expect(inputs).toEqual({
      '*': { size: [224, 224], resize: 'crop', shortSide: 256, scale: [-1, 1], mean: [0.485, 0.456, 0.406] },
      lmf: { size: [128, 96], scale: [0, 255], std: [0.5, 0.5, 0.5], channels: 'bgr' },
      'epoch=9': { size: [64, 32] },
    });
    expect(inputOf(inputs, 'lmf')).toMatchObject({ size: [128, 96], resize: 'crop', scale: [0, 255] });
    expect(inputOf(inputs, 'ce')).toEqual(inputs['*']);
    expect(inputOf({}, 'ce')).toBeUndefined();
  });

  it.each([
    [{ inputSize: ['0'] }, /height, width/],
    [{ inputSize: ['12x'] }, /height, width/],
    [{ inputSize: ['a=b'] }, /height, width/],
    [{ resize: ['stretch'] }, /"squash", "crop" or "pad"/],
    [{ inputScale: ['1,0'] }, /hi above lo/],
    [{ mean: ['1,2'] }, /one or three numbers/],
    [{ std: ['0'] }, /numbers above 0/],
    [{ channels: ['rgba'] }, /"rgb", "bgr" or "grey"/],
    [{ shortSide: ['1.5'] }, /whole number of pixels/],
    [{ shortSide: ['256'], resize: ['pad'] }, /"crop" alone/],
  ])('refuses %j', (flags, expected) => {
    expect(() => parseInputs(flags)).toThrow(expected);
  });
});

it('the library and the command line give the same command', () => {
  const { command, inputs, showInput } = normalizeCompareOptions({
    models: ['m'],
    images: ['s'],
    inputSize: ['224', 'a=96'],
    mean: ['0.5'],
    showInput: true,
  });
  expect(command).toBe(
    'gradcam compare --models m --images s --input-size 224 --input-size a=96 --mean 0.5 --show-input',
  );
  expect(Object.keys(inputs)).toEqual(['*', 'a']);
  expect(showInput).toBe(true);
});
