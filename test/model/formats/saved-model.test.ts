import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { savedModel } from '../../../src/model/formats/saved-model.ts';
import { loadModel } from '../../../src/model/load.ts';
import { withBundle } from '../../../src/model/tensorflow/bundle.ts';
import { largestDifference } from '../../arrays.ts';
import { fixtures, readNpy } from '../keras/fixtures.ts';
import { temporaryFolder } from '../../lib/temporary-folder.ts';
import { damagedBytes, randomFrom } from './damage.ts';
import { attempt, peakMemory } from './loading.ts';
import { loadFixture, runForward } from './traced.ts';

const PLACES: readonly (readonly [fixture: string, ...file: string[]])[] = [
  ['keras-residual', 'saved-model', 'saved_model.pb'],
  ['keras-residual', 'saved-model-keras3', 'saved_model.pb'],
  ['keras-residual', 'saved-model-tf1', 'saved_model.pb'],
  ['keras-residual', 'frozen', 'frozen_graph.pb'],
  ['keras-nested', 'saved-model', 'saved_model.pb'],
  ['tensorflow1', 'saved-model', 'saved_model.pb'],
];

describe('TensorFlow SavedModels and frozen graphs', () => {
  it.each(PLACES)('%s/%s gives the logits that TensorFlow gave', async (fixture, ...file) => {
    const model = await loadFixture(savedModel, fixture, ...file);
    const found = await runForward(model, readNpy(join(fixtures, fixture, 'inputs.npy')));
    expect(largestDifference(found.logits, readNpy(join(fixtures, fixture, 'logits.npy')).data)).toBeLessThan(1e-4);
  });

  it('the folder is the run, its variables count to its files, layers have the names of Keras', async () => {
    const { model, assumed } = await loadModel(join(fixtures, 'keras-residual/saved-model-keras3'));
    expect(model.format).toBe('saved-model');
    expect(model.files.map((file) => file.replaceAll('\\', '/').split('/').at(-1))).toEqual([
      'saved_model.pb',
      'variables.index',
      'variables.data-00000-of-00001',
    ]);
    expect(assumed).toEqual([]);
    expect([...model.layerNames.values()].flat()).toContain('conv3_block2_out');
    expect(model.preprocessing?.spec.scale).toEqual([0, 255]);
  });
});

describe('what cannot be read', () => {
  it('says in one line how to turn it into what can', async () => {
    const folder = temporaryFolder();
    folder.put('saved_model.pb', Buffer.from('not a protobuf at all'));
    await expect(loadModel(folder.path)).rejects.toMatchObject({
      code: 'saved-model',
      parts: {
        hint: `Turn it into a GraphModel: tensorflowjs_converter --input_format=tf_saved_model ${folder.path} ${folder.path}-tfjs, or save it as .keras or ONNX.`,
      },
    });
  });

  it('a SavedModel without a function that serves is told, and one without its variables', async () => {
    const folder = temporaryFolder();
    folder.put('empty/saved_model.pb');
    await expect(loadModel(join(folder.path, 'empty'))).rejects.toThrow(
      /no function that serves(.|\n)*serving_default/,
    );
    const bytes = readFileSync(join(fixtures, 'keras-residual/saved-model/saved_model.pb'));
    folder.put('alone/saved_model.pb', bytes);
    await expect(loadModel(join(folder.path, 'alone'))).rejects.toThrow(/variables\.index/);
  });

  it('60 damaged ones: a model or a clear error, in little memory', async () => {
    const folder = temporaryFolder();
    const place = join(folder.path, 'run');
    const random = randomFrom(7);
    const counts: Record<string, number> = {};
    const memory = peakMemory();
    for (let index = 0; index < 60; index++) {
      cpSync(join(fixtures, 'keras-residual/saved-model'), place, { recursive: true });
      const victim = ['variables/variables.index', 'variables/variables.data-00000-of-00001'][index % 4];
      if (victim !== undefined)
        writeFileSync(join(place, victim), damagedBytes(readFileSync(join(place, victim)), random));
      const bytes = readFileSync(join(place, 'saved_model.pb'));
      const result = await attempt(savedModel, {
        folder: place,
        name: 'saved_model.pb',
        bytes: victim === undefined ? damagedBytes(bytes, random) : bytes,
      });
      const key = result === 'model' ? result : result.code;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(counts.model).toBeGreaterThan(5);
    expect(counts['saved-model']).toBeGreaterThan(5);
    expect(peakMemory() - memory).toBeLessThan(1000);
  });
});

test('a checkpoint gives its tensors by their keys', async () => {
  await withBundle(join(fixtures, 'keras-residual/saved-model/variables'), 'variables', async (bundle) => {
    const key = 'layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE';
    expect(bundle.keys).toContain(key);
    const tensors = await bundle.read([key, 'nowhere']);
    expect([...tensors.keys()]).toEqual([key]);
    for (const { dtype, shape, bytes } of tensors.values()) {
      expect(dtype).toBe('float32');
      expect(bytes.length).toBe(4 * shape.reduce((product, dim) => product * dim, 1));
    }
  });
});
