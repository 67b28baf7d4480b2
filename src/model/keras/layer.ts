// The seam of Keras layers: what a layer class has to say to be run, and what its function is given. One file per family
// in layers/ and one line per class in the table layers.ts.
import { floatsOf } from '../../graph/tensor.ts';
import type { Constant } from '../../graph/graph.ts';
import { GradcamError } from '../../lib/errors.ts';
import * as ops from '../../trace/forward.ts';
import type { Value } from '../../trace/forward.ts';
import type { Configured } from './config.ts';
import type { Generation } from './topology.ts';

/** A variable of a layer. */
export interface Variable {
  /** The name that `weightOf` takes, and other names that files have for it; inner layers as `query/kernel`. */
  readonly names: readonly [string, ...string[]];
  /** Where `.keras` archives have it, below the layer's group; default: `vars/<position among the layer's variables>`. */
  readonly places?: readonly string[];
}

export interface LayerClass {
  /** Its variables in the order in which Keras makes them; none by default. */
  readonly variables?: (layer: Configured) => readonly Variable[];
  /** Inference mode: no dropout, no batch statistics. Throws GradcamError for what cannot be run. */
  readonly apply: (call: LayerCall) => Value | readonly Value[];
}

/** One call of a layer. */
export interface LayerCall extends Configured {
  readonly generation: Generation;
  /** Every tensor among the arguments, in order. */
  readonly inputs: readonly Value[];
  /** The arguments as the model wrote them, tensors in their places. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** By the first of each variable's names. */
  readonly weights: ReadonlyMap<string, Constant>;
}

/** Variables of these names, each with its own place. */
export function variables(...names: (string | false)[]): Variable[] {
  return names.filter((name) => name !== false).map((name) => ({ names: [name] }));
}

/** What calls have been given: an object in a file's JSON may look like a value. */
const given = new WeakSet<object>();

/** Marks a value as an argument that `isTensor` knows. */
export function asTensor(value: Value): Value {
  given.add(value);
  return value;
}

export function isTensor(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && given.has(value);
}

/** A value of four axes. */
export type Image = Value & { readonly shape: readonly [number, number, number, number] };

/** The one tensor that the call is made on. */
export function inputOf(call: LayerCall): Value {
  const [input, ...others] = call.inputs;
  if (input === undefined || others.length > 0) throw unsupported(call, 'one input', `${call.inputs.length} inputs`);
  return input;
}

/** The one image batch that the call is made on, [batch, height, width, channels] or channels first. */
export function imageOf(call: LayerCall): Image {
  const input = inputOf(call);
  if (input.shape.length !== 4) throw unsupported(call, 'an input of 4 axes', `shape [${input.shape.join(', ')}]`);
  return input as Image;
}

/** A variable as a constant, float32. */
export function weightOf(call: LayerCall, name: string): Value {
  return maybeWeightOf(call, name) ?? raiseMissing(call, name);
}

/** A variable, or null where the layer has none of that name. */
export function maybeWeightOf(call: LayerCall, name: string): Value | null {
  const constant = call.weights.get(name);
  return constant === undefined ? null : ops.constant(floatsOf(constant), constant.shape);
}

/** GradcamError `keras-unsupported`: the layer is known, but not in this form. */
export function unsupported(call: Configured, expected: string, found: string): GradcamError {
  return new GradcamError({
    code: 'keras-unsupported',
    what: `Layer ${call.path} (${call.className}) cannot be run in this form.`,
    expected,
    found,
    hint: 'Export the model to ONNX where it was trained, and give that file instead.',
  });
}

function raiseMissing(call: LayerCall, name: string): never {
  throw new GradcamError({
    code: 'keras-missing-weights',
    what: `Layer ${call.path} (${call.className}) has no variable "${name}".`,
    found: [...call.weights.keys()].join(', ') || 'no variables',
  });
}
