import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';

test('a SavedModel is told apart from an empty folder, with the way out', async () => {
  const folder = temporaryFolder();
  folder.put('saved_model.pb', new Uint8Array(4));
  await expect(loadModel(folder.path)).rejects.toMatchObject({
    code: 'saved-model',
    parts: { hint: expect.stringContaining('tensorflowjs_converter') as string },
  });
});

test('a file that is no model is said for what it looks like', async () => {
  const folder = temporaryFolder();
  const path = folder.put('run.bin', '{"some": "json"}');
  await expect(loadModel(path)).rejects.toMatchObject({
    code: 'unknown-format',
    parts: { found: expect.stringContaining('a JSON file') as string },
  });
});

test('of several files the best checkpoint is taken, and said', async () => {
  const folder = temporaryFolder();
  for (const name of ['epoch3.onnx', 'last.onnx']) folder.put(name, 'not really');
  folder.put('best.onnx', readFileSync('test/fixtures/tiny-resnet/torchscript.onnx'));
  const { assumed } = await loadModel(folder.path);
  expect(assumed.join()).toContain('best.onnx was taken, the best by its name (others: last.onnx, epoch3.onnx)');
});
