// A loaded model, whatever its file was: a forward graph, its image input, its logits, its layers.
import type { Graph } from '../graph/graph.ts';
import type { InputSpec } from '../image/picture.ts';

/** The graph input that takes the image. */
export interface ModelInput {
  readonly name: string;
  readonly layout: 'nchw' | 'nhwc';
  /** Fixed by the file, or null where any batch runs. */
  readonly batch: number | null;
  /** [height, width] where the file fixes it. */
  readonly size: readonly [number, number] | null;
  readonly channels: number;
  readonly dtype: 'float32' | 'float16' | 'float64' | 'uint8';
}

/** Where the class scores are. */
export interface ModelOutput {
  /** Name of the value holding the logits `[batch, classes]`: before a final softmax or sigmoid, if there is one. */
  readonly logits: string;
  /** Name of the graph output that the logits were traced back from. */
  readonly output: string;
  /** What stands between logits and output; decides how probabilities are computed. */
  readonly activation: 'softmax' | 'sigmoid' | 'none';
  readonly classes: number;
}

/** How the channels and places of a feature map lie in its value. */
export type MapLayout = 'nchw' | 'nhwc' | 'tokens';

/** A value that a map can be taken at. */
export interface Layer {
  /** Position in `gradcam layers`, counted from 0 in graph order. */
  readonly index: number;
  /** The name shown: module scope or Keras layer where the file tells, else the node's name. */
  readonly name: string;
  /** Every other name it answers to: node name, value name, scopes that end here. */
  readonly aliases: readonly string[];
  /** Operator that makes it, e.g. `Conv`, `Relu`. */
  readonly op: string;
  /** Name of the value in the graph. */
  readonly value: string;
  readonly layout: MapLayout;
  /** [height, width, channels] of the feature map. */
  readonly shape: readonly [number, number, number];
  /** Tokens before the first cell of a token map: class token, registers. 0 otherwise. */
  readonly prefix: number;
  /** Nodes between this value and the logits on the shortest way. */
  readonly distance: number;
}

/** The shape to make a forward graph for. */
export interface InputShape {
  readonly batch: number;
  /** [height, width] of the model's input. */
  readonly size: readonly [number, number];
}

/** A model that was read, whatever its format, and how its graph is made. */
export interface Model {
  /** Path as the user gave it. */
  readonly path: string;
  /** Id of the format, e.g. `onnx`. */
  readonly format: string;
  /** Every file that was read, for the hash. */
  readonly files: readonly string[];
  readonly input: ModelInput;
  /**
   * The forward graph with its image input fixed to `shape`, types filled as far as they can be derived. Values have the
   * same names for every shape. Loaders keep the last one.
   */
  forward(shape: InputShape): Graph;
  /** Layer names the file knows, per value of the graph: `conv5_block3_out`, `layer4.2`. Empty where node names are all there is. */
  readonly layerNames: ReadonlyMap<string, readonly string[]>;
  /** How the training framework prepares pictures, where the file lets one infer it, with the reason. */
  readonly preprocessing?: { readonly spec: Partial<InputSpec>; readonly why: string };
  readonly classes?: readonly string[];
  /** What the loader had to assume, in sentences for the report. */
  readonly assumed: readonly string[];
}
