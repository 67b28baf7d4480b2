// A parsed Keras model and its arrays become a Model, its values known by the names of its layers.
import type { Value } from '../../trace/forward.ts';
import type { ModelSource } from '../format.ts';
import type { Model } from '../model.ts';
import { createTracedModel } from '../traced.ts';
import { preprocessingOf } from './preprocessing.ts';
import type { KerasModel } from './read.ts';
import { runModel } from './run.ts';
import { inputShapeOf, type ModelSpec } from './topology.ts';

/** Throws GradcamError `no-image-input` for a model that does not take one image. */
export function createKerasModel({ spec, weights, files }: KerasModel, source: ModelSource, format: string): Model {
  // Keras models run at any batch; one that was built for a fixed batch runs at others as well.
  const inputs = spec.inputs.map((input) => {
    const shape = inputShapeOf(spec, input);
    return { name: input.layer, shape: shape === null ? null : [null, ...shape.slice(1)] };
  });
  return createTracedModel(
    {
      format,
      files,
      inputs,
      preprocessing: preprocessingOf(spec, weights),
      run(tracer, image, note) {
        const outputs = runModel(spec, [image], weights, {
          scope: (name, compute) => tracer.scope(name, compute),
          output: (name, value) => note(value, [name]),
        });
        return namedOutputs(spec, outputs);
      },
    },
    source,
  );
}

/** Outputs under the names of their layers; a layer that gives several has them numbered. */
function namedOutputs(spec: ModelSpec, outputs: readonly Value[]): Record<string, Value> {
  const named: Record<string, Value> = {};
  spec.outputs.forEach(({ layer }, index) => {
    let name = layer;
    for (let count = 1; Object.hasOwn(named, name); count++) name = `${layer}:${count}`;
    named[name] = outputs[index]!;
  });
  return named;
}
