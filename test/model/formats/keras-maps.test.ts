// Grad-CAM maps of Keras models, against maps that Keras's own gradients gave: names of layers, layouts and values together.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradcam } from '../../../src/cam/methods/gradcam.ts';
import { classLogit } from '../../../src/cam/targets/class-logit.ts';
import { cpu } from '../../../src/engine/engines/cpu.ts';
import type { ModelFormat } from '../../../src/model/format.ts';
import { kerasH5 } from '../../../src/model/formats/keras-h5.ts';
import { kerasV3 } from '../../../src/model/formats/keras-v3.ts';
import { savedModel } from '../../../src/model/formats/saved-model.ts';
import { tfjsGraph } from '../../../src/model/formats/tfjs-graph.ts';
import { tfjsLayers } from '../../../src/model/formats/tfjs-layers.ts';
import { findLayer, listLayers } from '../../../src/model/layers.ts';
import { findOutput } from '../../../src/model/output.ts';
import { camPrograms, CLASS_INDEX, mapName } from '../../../src/program/program.ts';
import { largestDifference } from '../../arrays.ts';
import { fixtures, readNpy } from '../keras/fixtures.ts';
import { loadFixture, toNchw } from './traced.ts';

interface Recorded {
  readonly classes: readonly number[];
  readonly layers: readonly {
    readonly layer: string;
    readonly file: string;
    readonly shape: readonly number[];
    readonly float32Noise: number;
  }[];
}

const FILES: readonly { file: string; format: ModelFormat }[] = [
  { file: 'keras3.keras', format: kerasV3 },
  { file: 'keras2.h5', format: kerasH5 },
  { file: 'layers/model.json', format: tfjsLayers },
  { file: 'graph/model.json', format: tfjsGraph },
  { file: 'saved-model/saved_model.pb', format: savedModel },
  { file: 'saved-model-keras3/saved_model.pb', format: savedModel },
  { file: 'frozen/frozen_graph.pb', format: savedModel },
];
// hard_sigmoid differs between the generations, and with it the maps of "grouped" in Keras 2.
const cases = ['residual', 'efficient', 'nested', 'separable', 'mixed', 'grouped', 'sequential'].flatMap((name) =>
  FILES.filter(
    ({ file }) => (name !== 'grouped' || file === 'keras3.keras') && existsSync(join(fixtures, `keras-${name}`, file)),
  ).map((one) => ({
    fixture: `keras-${name}`,
    ...one,
  })),
);

describe('maps of Keras models', () => {
  it.each(cases)(
    '$fixture/$file: maps at every recorded layer equal those of Keras',
    async ({ fixture, file, format }) => {
      const folder = join(fixtures, fixture);
      const info = JSON.parse(readFileSync(join(folder, 'info.json'), 'utf8')) as Recorded;
      const pictures = readNpy(join(folder, 'inputs.npy'));
      const model = await loadFixture(format, fixture, file);
      const [batch = 1, height = 1, width = 1, channels = 1] = pictures.shape;
      const graph = model.forward({ batch, size: [height, width] });
      const { output } = findOutput(graph, model.path, undefined);
      const layers = listLayers(graph, model.input.name, output.logits, model.layerNames);
      for (const recorded of info.layers) {
        const { layer } = findLayer(layers, recorded.layer, model.path);
        expect(layer.shape).toEqual(recorded.shape.slice(1));
        const programs = camPrograms({
          model: model.path,
          graph,
          input: model.input,
          output,
          layer,
          methods: [gradcam],
          target: classLogit,
          batch,
        });
        // A model with one logit explains it as class 1; class 0 is its opposite.
        const session = await cpu.open(programs.whole, {});
        const results = await session.run({
          [programs.image]: {
            dtype: 'float32',
            shape: [batch, channels, height, width],
            data: toNchw(pictures.data, [batch, height, width, channels]),
          },
          [CLASS_INDEX]: {
            dtype: 'int32',
            shape: [batch],
            data: Int32Array.from(info.classes, (index) => (output.classes === 1 ? 1 : index)),
          },
        });
        await session.close();
        const theirs = readNpy(join(folder, recorded.file)).data.map((value) => Math.max(0, value));
        const scale = theirs.reduce((largest, value) => Math.max(largest, value), 0);
        // Float32 strays from the exact maps by what the recorder measured.
        expect(largestDifference(results[mapName('gradcam')]!.data, theirs) / scale).toBeLessThan(
          1e-4 + 4 * recorded.float32Noise,
        );
      }
    },
  );
});
