import { describe, expect, it } from 'vitest';
import { settleInput } from '../../src/model/input.ts';
import type { Model } from '../../src/model/model.ts';

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** A model of which only the input matters. */
function modelWith(more: Partial<Model>, size: readonly [number, number] | null = null): Model {
  return {
    path: 'm.onnx',
    format: 'onnx',
    files: [],
    input: { name: 'input', layout: 'nchw', batch: null, size, channels: 3, dtype: 'float32' },
    forward: () => {
      throw new Error('not asked for');
    },
    layerNames: new Map(),
    assumed: [],
    ...more,
  };
}
const torch = modelWith({ preprocessing: { spec: { ...IMAGENET, size: [240, 240] }, why: 'as torchvision does' } });

describe('settleInput', () => {
  it('says what was inferred, and why', () => {
    const { spec, assumed } = settleInput(torch, { raw: {} });
    expect(spec).toMatchObject({ size: [240, 240], resize: 'squash', ...IMAGENET });
    expect(assumed.join(' ')).toMatch(
      /Input size 240 x 240 .*as torchvision does.*Pictures are prepared as RGB, squash/,
    );
  });

  it('speaks of one channel where the model takes one', () => {
    const grey = modelWith({ input: { ...torch.input, channels: 1 }, preprocessing: torch.preprocessing! });
    const { spec, assumed } = settleInput(grey, { raw: {} });
    expect(spec).toMatchObject({ channels: 'grey', mean: [0.485], std: [0.229] });
    expect(assumed.join(' ')).toContain('GREY, squash, values 0..1, mean [0.485], deviation [0.229]');
  });

  it('resizes to a longer side before the crop only where that is said', () => {
    const { spec, assumed } = settleInput(torch, {
      raw: {},
      input: { size: [224, 224], resize: 'crop', shortSide: 256 },
    });
    expect(spec).toMatchObject({ size: [224, 224], resize: 'crop', shortSide: 256, ...IMAGENET });
    expect(assumed.join(' ')).toContain('crop out of 256 pixels along the shorter side');
  });

  it('takes an inferred crop with its own size alone', () => {
    const hub = modelWith({
      preprocessing: { spec: { ...IMAGENET, size: [224, 224], resize: 'crop', shortSide: 256 }, why: 'as said' },
    });
    expect(settleInput(hub, { raw: {} }).spec).toMatchObject({ resize: 'crop', shortSide: 256 });
    const values = settleInput(hub, { raw: {}, input: { scale: [0, 255], mean: [0, 0, 0], std: [1, 1, 1] } });
    expect(values.spec).toMatchObject({ size: [224, 224], resize: 'crop', shortSide: 256, scale: [0, 255] });
    const sized = settleInput(hub, { raw: {}, input: { size: [320, 320] } }).spec;
    expect(sized).toMatchObject({ size: [320, 320], resize: 'squash', ...IMAGENET });
    expect(sized).not.toHaveProperty('shortSide');
  });

  it('takes what is said of the values as a whole, and says what stays as it is', () => {
    const { spec, assumed } = settleInput(torch, { raw: {}, input: { size: [8, 8], channels: 'bgr' } });
    expect(spec).toMatchObject({ scale: [0, 1], mean: [0, 0, 0], std: [1, 1, 1], channels: 'bgr' });
    expect(assumed).toEqual([expect.stringContaining('Of the values only channels was said')]);
    expect(settleInput(torch, { raw: {}, input: { size: [8, 8], ...IMAGENET, scale: [0, 1] } }).assumed).toEqual([]);
  });

  it('refuses what contradicts the file or itself', () => {
    expect(() => settleInput(modelWith({}, [32, 32]), { raw: {}, input: { size: [64, 64] } })).toThrow(
      /fixed in the model/,
    );
    expect(() => settleInput(torch, { raw: {}, input: { resize: 'crop', shortSide: 200 } })).toThrow(/at least 240/);
  });
});
