import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubConfig, readHubConfig } from '../../src/model/hub-config.ts';
import { settleInput } from '../../src/model/input.ts';
import { loadModel } from '../../src/model/load.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

/** As timm writes it to the hub. */
const timm = {
  architecture: 'tf_efficientnet_b0',
  num_classes: 5,
  pretrained_cfg: {
    input_size: [3, 48, 48],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
    crop_pct: 0.875,
    crop_mode: 'center',
    label_names: ['a', 'b', 'c', 'd', 'e'],
  },
};

describe('hubConfig', () => {
  it("reads timm's", () => {
    expect(hubConfig(timm, null)).toEqual({
      architecture: 'tf_efficientnet_b0',
      classes: ['a', 'b', 'c', 'd', 'e'],
      preprocessing: {
        // 48 / 0.875 = 54.857, rounded down as timm does
        spec: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], size: [48, 48], resize: 'crop', shortSide: 54 },
        why: 'as config.json says',
      },
    });
  });

  it("reads transformers' and optimum's", () => {
    const config = { architectures: ['ViTForImageClassification'], id2label: { 0: 'cat', 1: 'dog' } };
    const squashed = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], size: { height: 224, width: 192 } };
    expect(hubConfig(config, squashed)).toEqual({
      classes: ['cat', 'dog'],
      preprocessing: {
        spec: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], size: [224, 192] },
        why: 'as preprocessor_config.json says',
      },
    });
    const cropped = { size: { shortest_edge: 256 }, do_center_crop: true, crop_size: 224, do_normalize: false };
    expect(hubConfig({}, cropped).preprocessing?.spec).toEqual({
      mean: [0, 0, 0],
      std: [1, 1, 1],
      size: [224, 224],
      resize: 'crop',
      shortSide: 256,
    });
  });

  it('passes over names that nobody gave, and files of other tools', () => {
    expect(hubConfig({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }, null)).toEqual({});
    expect(hubConfig({ architecture: 'x', batch_size: 8 }, null)).toEqual({});
    expect(hubConfig({ pretrained_cfg: { mean: 'no', std: [0, 0, 0], input_size: [3, -1, 2] } }, null)).toEqual({
      preprocessing: { spec: {}, why: 'as config.json says' },
    });
  });
});

describe('beside a model', () => {
  it('names architecture and classes, and says how pictures are prepared', async () => {
    const folder = temporaryFolder();
    copyFileSync('test/fixtures/state-timm-efficientnet/state.safetensors', join(folder.path, 'model.safetensors'));
    await expect(loadModel(folder.path)).rejects.toMatchObject({ code: 'unknown-architecture' });
    folder.put('config.json', JSON.stringify(timm));
    const { model, run } = await loadModel(folder.path);
    expect(model.classes).toEqual(['a', 'b', 'c', 'd', 'e']);
    const { spec, assumed } = settleInput(model, run);
    expect(spec).toMatchObject({ size: [48, 48], resize: 'crop', shortSide: 54, std: [0.25, 0.25, 0.25] });
    expect(assumed.join(' ')).toContain('as config.json says');
    folder.put('run.json', '{"input": {"size": [64, 64], "resize": "squash"}}');
    const own = await loadModel(folder.path);
    expect(settleInput(own.model, own.run).spec).toMatchObject({
      size: [64, 64],
      resize: 'squash',
      std: [0.25, 0.25, 0.25],
    });
  });

  it('is found above a folder onnx, and broken files count as none', async () => {
    const folder = temporaryFolder();
    folder.put('config.json', '{"id2label": {"0": "cat", "1": "dog"}}');
    expect(await readHubConfig(join(folder.path, 'onnx', 'model.onnx'))).toEqual({ classes: ['cat', 'dog'] });
    expect(await readHubConfig(join(folder.path, 'other', 'model.onnx'))).toEqual({});
    folder.put('config.json', '{"id2label": ');
    expect(await readHubConfig(join(folder.path, 'model.onnx'))).toEqual({});
  });
});
