import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { holdsModel, isModelName, locateModel } from '../../src/model/locate.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

/** What is taken from a folder with these files, `/` between, and what is said. */
async function taken(...names: string[]): Promise<{ file: string; said: string }> {
  const folder = temporaryFolder();
  for (const name of names) folder.put(name, 'not read');
  const { file, assumed } = await locateModel(folder.path);
  return { file: file.slice(folder.path.length + 1).replaceAll('\\', '/'), said: assumed.join(' ') };
}

describe('of several model files', () => {
  test.each([
    [['epoch_2.pth', 'epoch_10.pth', 'epoch_9.pth'], 'epoch_10.pth', 'the highest number'],
    [['weights.05-0.43.keras', 'weights.12-0.61.keras'], 'weights.12-0.61.keras', 'the highest number'],
    [['epoch=9-step=100.ckpt', 'epoch=10-step=90.ckpt'], 'epoch=10-step=90.ckpt', 'the highest number'],
    [['epoch_10.pth', 'last.pth'], 'last.pth', 'the last by its name'],
    [['last.pt', 'best.pt'], 'best.pt', 'the best by its name'],
    [['checkpoint.pth.tar', 'model_best.pth.tar'], 'model_best.pth.tar', 'the best by its name'],
    [['model.onnx', 'best.onnx'], 'model.onnx', 'the model by its name'],
    [['model.safetensors', 'model.onnx', 'pytorch_model.bin'], 'model.onnx', 'the format that holds most'],
    [
      ['epoch=3-val_acc=0.88.ckpt', 'epoch=7-val_acc=0.91.ckpt', 'epoch=9-val_acc=0.90.ckpt', 'last.ckpt'],
      'epoch=7-val_acc=0.91.ckpt',
      'the best val_acc (0.91)',
    ],
    [['e1-val_loss=0.52.h5', 'e2-val_loss=0.31.h5', 'e3-val_loss=0.40.h5'], 'e2-val_loss=0.31.h5', 'val_loss (0.31)'],
    [
      ['a-val_loss=0.3-val_f1=0.7.pth', 'b-val_loss=0.4-val_f1=0.8.pth'],
      'b-val_loss=0.4-val_f1=0.8.pth',
      'the best val_f1 (0.8)',
    ],
    [['best_acc_0.91.pth', 'best_acc_0.95.pth'], 'best_acc_0.95.pth', 'the best acc (0.95)'],
    // A training loss says nothing about the best: the later one is taken.
    [['ep1-train_loss=0.10.pth', 'ep2-train_loss=0.20.pth'], 'ep2-train_loss=0.20.pth', 'the highest number'],
    [['resnet.onnx', 'vgg.onnx'], 'resnet.onnx', 'the first by name'],
  ])('%j -> %s', async (names, wanted, why) => {
    const { file, said } = await taken(...names);
    expect(file).toBe(wanted);
    expect(said).toContain(`${wanted} was taken`);
    expect(said).toContain(why);
  });
});

describe('checkpoint folders', () => {
  test('a run of ours: the model beside the checkpoint', async () => {
    expect(await taken('model.onnx', 'checkpoint/state.safetensors', 'run.json')).toEqual({
      file: 'model.onnx',
      said: '',
    });
  });

  test('Lightning', async () => {
    const { file } = await taken(
      'checkpoints/epoch=1-step=20.ckpt',
      'checkpoints/epoch=0-step=10.ckpt',
      'hparams.yaml',
    );
    expect(file).toBe('checkpoints/epoch=1-step=20.ckpt');
  });

  test('Ultralytics', async () => {
    expect(await taken('weights/best.pt', 'weights/last.pt', 'args.yaml')).toMatchObject({ file: 'weights/best.pt' });
  });

  test('the only file of a checkpoint folder is named', async () => {
    expect((await taken('checkpoints/a.ckpt')).said).toBe('The model file is checkpoints/a.ckpt.');
  });

  test("transformers' Trainer: the best that it names, else the last; states of the optimiser are no models", async () => {
    const folder = temporaryFolder();
    for (const step of [500, 1000, 1500]) {
      folder.put(`checkpoint-${step}/model.safetensors`);
      folder.put(`checkpoint-${step}/optimizer.pt`);
      folder.put(`checkpoint-${step}/rng_state.pth`);
    }
    expect((await locateModel(folder.path)).file).toBe(join(folder.path, 'checkpoint-1500/model.safetensors'));
    folder.put('checkpoint-1500/trainer_state.json', '{"best_model_checkpoint": "out/run 1/checkpoint-1000"}');
    const { file, assumed } = await locateModel(folder.path);
    expect(file).toBe(join(folder.path, 'checkpoint-1000/model.safetensors'));
    expect(assumed.join()).toContain('trainer_state.json');
  });

  test('a folder with such a folder is a run, one with runs in it is not', async () => {
    const folder = temporaryFolder();
    folder.put('version_0/checkpoints/a.ckpt');
    expect(await holdsModel(join(folder.path, 'version_0'))).toBe(true);
    expect(await holdsModel(folder.path)).toBe(false);
    expect(await holdsModel(join(folder.path, 'nowhere'))).toBe(false);
  });
});

describe('names', () => {
  test('endings in capitals, blanks, and what only looks like a model', () => {
    for (const name of ['Model.ONNX', 'my model (2).H5', 'MODEL.JSON', 'pytorch_model.bin', 'a.pth.tar'])
      expect(isModelName(name), name).toBe(true);
    for (const name of ['run.json', 'config.json', 'group1-shard1of1.bin', 'optimizer.pt', 'scheduler.pt', 'a.png'])
      expect(isModelName(name), name).toBe(false);
  });

  test('blanks and links in the path', async () => {
    const folder = temporaryFolder();
    folder.put('a run, with blanks/My Model.ONNX');
    symlinkSync(join(folder.path, 'a run, with blanks'), join(folder.path, 'link'), 'junction');
    expect((await locateModel(join(folder.path, 'link'))).file).toBe(join(folder.path, 'link', 'My Model.ONNX'));
  });
});

test('weights cut into several files are said so', async () => {
  const folder = temporaryFolder();
  folder.put('model-00001-of-00002.safetensors');
  folder.put('model-00002-of-00002.safetensors');
  await expect(locateModel(folder.path)).rejects.toMatchObject({ code: 'sharded-weights' });
});
