import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tfjsGraph } from '../../../src/model/formats/tfjs-graph.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { largestDifference } from '../../arrays.ts';
import { fixtures, readNpy } from '../keras/fixtures.ts';
import { loadFixture, runForward } from './traced.ts';

const plain = readdirSync(fixtures).filter(
  (name) => name.startsWith('keras-') && existsSync(join(fixtures, name, 'graph')),
);

describe('TensorFlow.js GraphModels', () => {
  it.each(plain)('%s, traced, gives the logits that Keras gave', async (fixture) => {
    const model = await loadFixture(tfjsGraph, fixture, 'graph', 'model.json');
    const found = await runForward(model, readNpy(join(fixtures, fixture, 'inputs.npy')));
    expect(largestDifference(found.logits, readNpy(join(fixtures, fixture, 'logits.npy')).data)).toBeLessThan(1e-4);
  });

  // The converter folds normalisation into filters before it rounds them, so only TensorFlow.js itself can say what comes out.
  it.each(['uint8', 'uint16', 'float16'])(
    'weights rounded to %s give what TensorFlow.js makes of them',
    async (dtype) => {
      const folder = join(fixtures, 'keras-residual', `graph-${dtype}`);
      const pictures = readNpy(join(fixtures, 'keras-residual', 'inputs.npy'));
      const model = await loadFixture(tfjsGraph, 'keras-residual', `graph-${dtype}`, 'model.json');
      const { logits } = await runForward(model, pictures);
      const theirs = await ownPredictions(folder, pictures);
      const ours = tf.softmax(tf.tensor(logits, [2, logits.length / 2])).dataSync<'float32'>();
      expect(largestDifference(ours, theirs)).toBeLessThan(1e-5);
    },
  );
});

/** Predictions of TensorFlow.js's own loader and executor. */
async function ownPredictions(
  folder: string,
  pictures: { shape: number[]; data: Float32Array },
): Promise<Float32Array> {
  await tf.setBackend('cpu');
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
  const shards = json.weightsManifest.flatMap((group) => group.paths.map((path) => readFileSync(join(folder, path))));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  const { modelTopology, signature } = json;
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({ modelTopology, ...(signature && { signature }), weightSpecs, weightData }),
  );
  const output = model.execute(tf.tensor(pictures.data, pictures.shape)) as tf.Tensor;
  return output.dataSync<'float32'>();
}
