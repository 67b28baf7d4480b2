// Every layer and operation that the table knows, against both generations of Keras (made/make_layers.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerClasses } from '../../../src/model/keras/layers.ts';
import { parseTopology, type Generation, type ModelSpec } from '../../../src/model/keras/topology.ts';
import { weightsByName } from '../../../src/model/keras/weights.ts';
import { tf } from '../../../src/tf/tfjs.ts';
import { largestDifference } from '../../arrays.ts';
import { runNative } from '../../trace/native.ts';
import { recordModel, runEagerly } from './fixtures.ts';

interface Numbers {
  readonly shape: number[];
  /** float32, base64. */
  readonly values: string;
}
interface Case {
  readonly name: string;
  readonly keras: Generation;
  readonly config: unknown;
  readonly arrays: readonly (Numbers & { readonly name: string })[];
  readonly inputs: readonly Numbers[];
  readonly output: Numbers;
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'made/layers.json'), 'utf8')) as Case[];

function bytesOf({ values }: Numbers): Uint8Array {
  return new Uint8Array(Buffer.from(values, 'base64'));
}
function floatsOf(numbers: Numbers): Float32Array {
  return new Float32Array(bytesOf(numbers).buffer);
}
function modelOf({ keras, config, arrays }: Case) {
  const spec = parseTopology(config, keras, 'made/layers.json');
  const named = arrays.map((array) => ({
    name: array.name,
    value: { dtype: 'float32', shape: array.shape, bytes: bytesOf(array) } as const,
  }));
  return { spec, weights: weightsByName(spec, named, 'made/layers.json') };
}
/** Keras sums in another order; exponentials of up to e^4 lose as much as they are large. */
function tolerance(expected: Float32Array): number {
  return 2e-6 * (1 + expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)) + 2e-6;
}

describe('Keras layers', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(cases)('Keras $keras: $name, eagerly', (one) => {
    const { spec, weights } = modelOf(one);
    const inputs = one.inputs.map((input) => tf.tensor(floatsOf(input), input.shape));
    const output = runEagerly(spec, inputs, weights);
    const expected = floatsOf(one.output);
    expect(output.shape).toEqual(one.output.shape);
    expect(largestDifference(output.dataSync(), expected)).toBeLessThan(tolerance(expected));
  });

  it.each(cases)('Keras $keras: $name, traced', async (one) => {
    const { spec, weights } = modelOf(one);
    const graph = recordModel(
      spec,
      one.inputs.map(({ shape }) => shape),
      weights,
    );
    const feeds = Object.fromEntries(
      one.inputs.map((input, index) => [`input${index}`, tf.tensor(floatsOf(input), input.shape)]),
    );
    const { output } = await runNative(graph, feeds);
    const expected = floatsOf(one.output);
    expect(output!.shape).toEqual(one.output.shape);
    expect(largestDifference(output!.dataSync(), expected)).toBeLessThan(tolerance(expected));
  });

  it('leaves out no class of the table', () => {
    const classesIn = (model: ModelSpec): string[] =>
      model.layers.flatMap((layer) =>
        layer.inner === null ? [layer.className.replace(/^.*>/, '')] : classesIn(layer.inner),
      );
    const tested = new Set(cases.flatMap((one) => classesIn(modelOf(one).spec)));
    const notWrittenAnyMore = [
      'BatchNormalizationV1',
      'BatchNormalizationV2',
      'FixedDropout',
      'SyncBatchNormalization',
    ];
    expect(
      Object.keys(layerClasses)
        .filter((name) => !tested.has(name))
        .sort(),
    ).toEqual(notWrittenAnyMore);
  });
});
