// A parsed Keras model and its arrays become a Model: traced once per shape, its values known by the names of its layers.
import type { Graph } from '../../graph/graph.ts';
import { GradcamError } from '../../lib/errors.ts';
import type { tf } from '../../tf/tfjs.ts';
import { trace, type Tracer } from '../../trace/tracer.ts';
import type { ModelSource } from '../format.ts';
import type { InputShape, Model, ModelInput } from '../model.ts';
import { preprocessingOf } from './preprocessing.ts';
import type { KerasModel } from './read.ts';
import { runModel } from './run.ts';
import { inputShapeOf, type ModelSpec } from './topology.ts';

/** Where the channels go when a picture lies as ONNX wants it: place k holds logical axis NCHW[k]. */
const NCHW = [0, 3, 1, 2];

/**
 * The Model of a file of this format. It is traced when its graph is asked for.
 * Throws GradcamError `no-image-input` for a model that does not take one image.
 */
export function createKerasModel({ spec, weights, files }: KerasModel, source: ModelSource, format: string): Model {
  const { input, channelsFirst } = imageInputOf(spec, source.path);
  const layerNames = new Map<string, string[]>();
  let last: { key: string; graph: Graph } | undefined;
  const forward = ({ batch, size }: InputShape): Graph => {
    const key = [batch, ...size].join();
    if (last?.key === key) return last.graph;
    const [height, width] = size;
    const shape = channelsFirst ? [batch, input.channels, height, width] : [batch, height, width, input.channels];
    layerNames.clear();
    const graph = trace(
      (tracer) => {
        const image = tracer.input(input.name, { dtype: 'float32', shape }, channelsFirst ? undefined : NCHW);
        return namedOutputs(spec, runModel(spec, [image], weights, watcherOf(tracer, layerNames)));
      },
      { prefix: 'value/' },
    );
    last = { key, graph };
    return graph;
  };
  const preprocessing = preprocessingOf(spec, weights);
  const size = input.size ?? source.run.input?.size ?? preprocessing?.spec.size ?? [224, 224];
  return {
    path: source.path,
    format,
    files,
    input,
    forward,
    get layerNames() {
      if (last === undefined) forward({ batch: 1, size });
      return layerNames;
    },
    ...(preprocessing === null ? {} : { preprocessing }),
    assumed: [],
  };
}

/** Notes under which value every layer's output is found. */
function watcherOf(tracer: Tracer, names: Map<string, string[]>) {
  return {
    scope: <T>(name: string, compute: () => T): T => tracer.scope(name, compute),
    output(name: string, value: tf.Tensor): void {
      const { name: key } = tracer.valueOf(value);
      const known = names.get(key);
      if (known === undefined) names.set(key, [name]);
      else known.push(name);
    },
  };
}

/** Outputs under the names of their layers. */
function namedOutputs(spec: ModelSpec, outputs: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  const taken = new Set(spec.inputs.map((input) => input.layer));
  const named: Record<string, tf.Tensor> = {};
  spec.outputs.forEach((ref, index) => {
    let name = ref.layer;
    for (let count = 1; taken.has(name); count++) name = `${ref.layer}:${count}`;
    taken.add(name);
    named[name] = outputs[index]!;
  });
  return named;
}

function imageInputOf(spec: ModelSpec, path: string): { input: ModelInput; channelsFirst: boolean } {
  const [ref, ...others] = spec.inputs;
  const shape = ref === undefined ? null : inputShapeOf(spec, ref);
  const [, first = null, second = null, third = null] = shape ?? [];
  const colours = (dim: number | null): boolean => dim === 1 || dim === 3;
  const channelsFirst = !colours(third) && colours(first);
  if (ref === undefined || others.length > 0 || shape?.length !== 4 || !(colours(third) || colours(first))) {
    const found = spec.inputs.map(
      (input) =>
        `${input.layer} [${
          inputShapeOf(spec, input)
            ?.map((dim) => dim ?? '?')
            .join(', ') ?? '?'
        }]`,
    );
    throw new GradcamError({
      code: 'no-image-input',
      what: `The model ${path} does not take one image.`,
      expected: 'one input [batch, height, width, channels] with 1 or 3 channels',
      found: found.join('; '),
      hint: 'Save the image classifier by itself, with the image as its only input.',
    });
  }
  const [channels, height, width] = channelsFirst ? [first!, second, third] : [third!, first, second];
  const size = height === null || width === null ? null : ([height, width] as const);
  // Whatever order the model itself wants, the graph takes its pictures channels first.
  // A layer may be called anything, an input of a graph must be called something.
  const name = ref.layer === '' ? 'image' : ref.layer;
  return { input: { name, layout: 'nchw', batch: null, size, channels, dtype: 'float32' }, channelsFirst };
}
