// Runs a model once, in inference mode, under the trace under way, which records it.
import { GradcamError, messageOf } from '../../lib/errors.ts';
import type { Value } from '../../trace/forward.ts';
import { isFields, isList } from './config.ts';
import { asTensor, isTensor, unsupported, type LayerCall } from './layer.ts';
import { layerClassOf } from './layers.ts';
import type { Argument, LayerSpec, ModelSpec, TensorRef } from './topology.ts';
import type { LayerWeights, ModelWeights } from './weights.ts';

/** Calls of layers that one run may make: nested models that call each other twice grow without bound. */
const MAX_CALLS = 100_000;

/** Told of what is run; both optional. */
export interface RunWatcher {
  /** Runs what one layer computes; `name` is the layer's path, with `:1` from its second call on. */
  scope?<T>(name: string, compute: () => T): T;
  /** The output of a layer, nested model or input, after its activation. */
  output?(name: string, value: Value): void;
}

const NO_WEIGHTS: LayerWeights = new Map();

/** The model's outputs for these inputs, in the order of the model. Throws GradcamError where a layer cannot be run. */
export function runModel(
  model: ModelSpec,
  inputs: readonly Value[],
  weights: ModelWeights,
  watcher: RunWatcher = {},
): Value[] {
  return runNested(model, inputs, { weights, watcher, prefix: '', calls: { left: MAX_CALLS } });
}

interface Place {
  readonly weights: ModelWeights;
  readonly watcher: RunWatcher;
  /** Names of the models around, each with its call: `resnet50/` or `resnet50:1/`. */
  readonly prefix: string;
  readonly calls: { left: number };
}

function runNested(model: ModelSpec, inputs: readonly Value[], place: Place): Value[] {
  const values = new Map<string, readonly Value[]>();
  const keyOf = (layer: string, call: number) => `${call} ${layer}`;
  model.inputs.forEach((input, index) => {
    const value = inputs[index];
    if (value !== undefined) values.set(keyOf(input.layer, input.call), [value]);
  });
  const valueOf = (ref: TensorRef): Value => {
    const value = values.get(keyOf(ref.layer, ref.call))?.[ref.output];
    if (value === undefined) throw missingValue(model, ref);
    return asTensor(value);
  };
  for (const { layer, call } of model.order) {
    const name = place.prefix + (call === 0 ? layer.name : `${layer.name}:${call}`);
    const key = keyOf(layer.name, call);
    let outputs = values.get(key);
    if (outputs === undefined) {
      const spec = layer.calls[call];
      if (spec === undefined) continue;
      if (place.calls.left-- <= 0) throw tooManyCalls(name);
      const args = spec.args.map((argument) => substitute(argument, valueOf));
      const kwargs = Object.fromEntries(
        Object.entries(spec.kwargs).map(([field, argument]) => [field, substitute(argument, valueOf)]),
      );
      outputs = runLayer(layer, { args, kwargs }, name, place);
      values.set(key, outputs);
    }
    if (outputs[0] !== undefined) place.watcher.output?.(name, outputs[0]);
  }
  return model.outputs.map(valueOf);
}

interface Arguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

function runLayer(layer: LayerSpec, { args, kwargs }: Arguments, name: string, place: Place): readonly Value[] {
  const inputs = [...args, ...Object.values(kwargs)].flatMap(tensorsIn);
  if (layer.inner !== null) return runNested(layer.inner, inputs, { ...place, prefix: `${name}/` });
  const { path, className, config, generation } = layer;
  const weights = place.weights.get(layer) ?? NO_WEIGHTS;
  const call: LayerCall = { path, className, config, generation, inputs, args, kwargs, weights };
  if (inputs.length === 0) throw unsupported(call, 'a layer with inputs', 'none');
  const compute = (): readonly Value[] => {
    const output = layerClassOf(layer).apply(call);
    return Array.isArray(output) ? (output as readonly Value[]) : [output as Value];
  };
  try {
    return place.watcher.scope === undefined ? compute() : place.watcher.scope(name, compute);
  } catch (error) {
    const known = error instanceof GradcamError && error.code !== 'conv-shapes' && error.code !== 'forward-shapes';
    throw known ? error : failed(call, error);
  }
}

function substitute(argument: Argument, valueOf: (ref: TensorRef) => Value): unknown {
  switch (argument.kind) {
    case 'tensor':
      return valueOf(argument.ref);
    case 'value':
      return argument.value;
    case 'list':
      return argument.items.map((item) => substitute(item, valueOf));
    case 'record':
      return Object.fromEntries(Object.entries(argument.fields).map(([key, item]) => [key, substitute(item, valueOf)]));
  }
}

function tensorsIn(value: unknown): Value[] {
  if (isTensor(value)) return [value];
  if (isList(value)) return value.flatMap(tensorsIn);
  return isFields(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

function tooManyCalls(name: string): GradcamError {
  return new GradcamError({
    code: 'keras-topology',
    what: `The model cannot be run: at layer ${name} it has made ${MAX_CALLS} calls.`,
    expected: 'nested models of sensible size',
    found: 'models within models that call each other again and again',
  });
}

function missingValue(model: ModelSpec, ref: TensorRef): GradcamError {
  return new GradcamError({
    code: 'keras-topology',
    what: `Model "${model.name}" cannot be run.`,
    expected: `output ${ref.output} of layer "${ref.layer}"`,
    found: 'a layer that gives nothing of the kind',
  });
}

/** A complaint about shapes, with the layer that it is about. */
function failed(call: LayerCall, error: unknown): GradcamError {
  const shapes = call.inputs.map((input) => `[${input.shape.join(', ')}]`).join(', ');
  const variables = [...call.weights].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join(', ');
  return new GradcamError({
    code: 'keras-layer-failed',
    what: `Layer ${call.path} (${call.className}) cannot be run: ${messageOf(error)}`,
    found: `input ${shapes}${variables === '' ? '' : `, ${variables}`}`,
    hint: 'The configuration and the weights may not belong together.',
    cause: error,
  });
}
