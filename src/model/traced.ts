// Models whose files name operations become Models by being run once per shape under a trace: what is common to every
// format of that kind.
import type { Graph } from '../graph/graph.ts';
import { GradcamError } from '../lib/errors.ts';
import type { Value } from '../trace/forward.ts';
import { record, type ValueTracer } from '../trace/tracer.ts';
import type { ModelSource } from './format.ts';
import type { InputShape, Model, ModelInput } from './model.ts';

/** Where the channels go when a picture lies as ONNX wants it: place k holds logical axis NCHW[k]. */
const NCHW = [0, 3, 1, 2];
const DEFAULT_SIZE = [224, 224] as const;

/** The input of a model, as its file describes it. */
export interface ImagePort {
  readonly name: string;
  /** [batch, height, width, channels] or channels first; null where the file leaves a size open. */
  readonly shape: readonly (number | null)[] | null;
}

export interface TracedModel {
  /** Id of the format. */
  readonly format: string;
  readonly files: readonly string[];
  /** Every input of the model. */
  readonly inputs: readonly ImagePort[];
  readonly preprocessing: NonNullable<Model['preprocessing']> | null;
  /**
   * Runs the model on a batch of pictures, in the axis order that it wants, and gives its outputs by name. `note` is told of
   * values that have a name in the file; several names may be one value's.
   */
  run(
    tracer: ValueTracer,
    image: Value,
    note: (value: Value, names: readonly string[]) => void,
  ): Readonly<Record<string, Value>>;
}

/**
 * The Model, traced when its graph is asked for; its graph takes pictures channels first, whatever the model itself wants.
 * Throws GradcamError `no-image-input` for a model that does not take one image.
 */
export function createTracedModel(model: TracedModel, source: ModelSource): Model {
  const { format, files, preprocessing } = model;
  const { input, channelsFirst } = imageInputOf(model.inputs, source.path);
  let last: { key: string; graph: Graph; names: ReadonlyMap<string, readonly string[]> } | undefined;
  const traced = ({ batch, size }: InputShape): NonNullable<typeof last> => {
    const key = [batch, ...size].join();
    if (last?.key === key) return last;
    const [height, width] = size;
    const shape = channelsFirst ? [batch, input.channels, height, width] : [batch, height, width, input.channels];
    const names = new Map<string, readonly string[]>();
    const run = (tracer: ValueTracer): Record<string, Value> => {
      const image = tracer.input(input.name, { dtype: 'float32', shape }, channelsFirst ? undefined : NCHW);
      const note = (value: Value, own: readonly string[]): void => {
        if (value.kind === 'recorded') names.set(value.name, [...(names.get(value.name) ?? []), ...own]);
      };
      return apartFrom(input.name, model.run(tracer, image, note));
    };
    // A name that the file gives may not begin like one that the tracer makes up.
    const graph = record(run, { prefix: input.name.startsWith('value/') ? `of ${input.name}/` : 'value/' });
    return (last = { key, graph, names });
  };
  const size = input.size ?? source.run.input?.size ?? preprocessing?.spec.size ?? DEFAULT_SIZE;
  return {
    path: source.path,
    format,
    files,
    input,
    forward: (shape) => traced(shape).graph,
    get layerNames() {
      return (last ?? traced({ batch: input.batch ?? 1, size })).names;
    },
    ...(preprocessing === null ? {} : { preprocessing }),
    assumed: [],
  };
}

/** Outputs under names that the input does not have. */
function apartFrom(input: string, outputs: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name === input || name === '' ? `output/${name}` : name, value]),
  );
}

function imageInputOf(inputs: readonly ImagePort[], path: string): { input: ModelInput; channelsFirst: boolean } {
  const [port, ...others] = inputs;
  const dims = port?.shape ?? [];
  const [batch = null, first = null, second = null, third = null] = dims;
  const colours = (dim: number | null): boolean => dim === 1 || dim === 3;
  const channelsFirst = !colours(third) && colours(first);
  if (port === undefined || others.length > 0 || dims.length !== 4 || !(colours(third) || colours(first))) {
    const found = inputs.map(({ name, shape }) => `${name} [${shape?.map((dim) => dim ?? '?').join(', ') ?? '?'}]`);
    throw new GradcamError({
      code: 'no-image-input',
      what: `The model ${path} does not take one image.`,
      expected: 'one input [batch, height, width, channels] with 1 or 3 channels',
      found: found.join('; ') || 'no inputs',
      hint: 'Save or convert the image classifier by itself, with the image as its only input.',
    });
  }
  const [channels, height, width] = channelsFirst ? [first!, second, third] : [third!, first, second];
  const size = height === null || width === null ? null : ([height, width] as const);
  return { input: { name: port.name, layout: 'nchw', batch, size, channels, dtype: 'float32' }, channelsFirst };
}
