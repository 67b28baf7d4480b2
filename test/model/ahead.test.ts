// The file of a model that is read before it is loaded.
import { expect, test } from 'vitest';
import { readAhead } from '../../src/model/ahead.ts';
import { loadModel } from '../../src/model/load.ts';

test('an ONNX file read ahead is what is loaded, and is not read again', async () => {
  const ahead = await readAhead('runs/ce');
  const [[file, bytes]] = [...ahead] as [[string, Promise<Uint8Array>]];
  const { model } = await loadModel('runs/ce', ahead);
  expect(model.files).toEqual([file]);
  const { constants } = model.forward({ batch: 1, size: [128, 128] });
  const memory = (await bytes).buffer;
  expect([...constants.values()].some((constant) => constant.bytes.buffer === memory)).toBe(true);
});

test('what is no ONNX file, or is not there, is left to whoever loads it', async () => {
  expect(await readAhead('no/such/model')).toEqual(new Map());
  expect(await readAhead('test/fixtures/keras-residual')).toEqual(new Map());
  expect(await readAhead(undefined)).toEqual(new Map());
});
