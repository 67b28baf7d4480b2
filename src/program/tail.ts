// The tail of a network as the methods see it: feature maps in NHWC, scores per sample, one shared gradient.
// Plain TensorFlow.js throughout: it does not know whether it is being recorded or computed.
import type { Cam, CamMethod, ScoreOf } from '../cam/method.ts';
import type { Target } from '../cam/target.ts';
import type { Layer } from '../model/model.ts';
import type { TapPlace } from './taps.ts';
import { tf } from '../tf/tfjs.ts';

/** A method, or anything else that is read off a tail in the same pass. */
export interface TailReader {
  readonly id: string;
  readonly needs: CamMethod['needs'];
  map(cam: Cam): tf.Tensor;
}

export interface TailRequest {
  readonly layer: Layer;
  /** The layer's value in the graph's own axis order. */
  readonly value: tf.Tensor;
  readonly classes: number;
  /** int32 `[batch]`; -1 means the model's own top class. */
  readonly classIndex: tf.Tensor1D;
  readonly methods: readonly TailReader[];
  readonly target: Target;
  /** Values of the tail that methods look at, and the grid of tokens where they are attention. */
  readonly taps: readonly TapPlace[];
  readonly tokens: Cam['tokens'];
  /** The network after the layer: the layer's value, a tensor to add to each tapped value -> the model's logits, the tapped values. */
  readonly tail: (
    value: tf.Tensor,
    probes: readonly tf.Tensor[],
  ) => { logits: tf.Tensor; values: readonly tf.Tensor[] };
}

export interface Explained {
  /** float32 `[batch, classes]`, as the model gives them. */
  readonly logits: tf.Tensor2D;
  readonly maps: readonly { readonly method: string; readonly map: tf.Tensor }[];
}

interface Pass {
  readonly logits: tf.Tensor2D;
  readonly values: readonly tf.Tensor[];
}

/** Maps of every method for one layer. The forward and backward pass through the tail are made once. */
export function explainTail(request: TailRequest): Explained {
  const { layer, value, methods, target, classes, taps } = request;
  const batch = value.shape[0];
  const activations = toGrid(value, layer);
  const zeros = taps.map(({ shape }) => tf.zeros([...shape]));
  const passOf = (grid: tf.Tensor4D, probes: readonly tf.Tensor[] = zeros): Pass => {
    const { logits, values } = request.tail(fromGrid(grid, value, layer), probes);
    return { logits: tf.reshape(logits, [batch, classes]), values };
  };
  const logitsOf = (grid: tf.Tensor4D): tf.Tensor2D => passOf(grid).logits;
  const scoreOf = (logits: tf.Tensor2D, score: ScoreOf = (z, index) => target.score(z, index)): tf.Tensor1D => {
    const both = twoSided(logits);
    return score(both, chosenClass(both, request.classIndex));
  };

  let pass: Pass | undefined;
  let gradients: tf.Tensor[] = [];
  if (methods.some((method) => method.needs !== 'activations')) {
    const score = (grid: tf.Tensor, ...probes: tf.Tensor[]): tf.Scalar => {
      const made = passOf(grid as tf.Tensor4D, probes);
      for (const tensor of [made.logits, ...made.values]) tf.keep(tensor);
      pass = made;
      return tf.sum(scoreOf(made.logits));
    };
    gradients = tf.grads(score)([activations, ...zeros]);
  }
  const { logits: settled, values } = (pass ??= passOf(activations));
  const cam: Cam = {
    activations,
    logits: settled,
    gradients: () => gradients[0] as tf.Tensor4D,
    tapped: taps.map(({ bias }, index) => ({
      value: values[index]!,
      gradient: () => gradients[index + 1]!,
      bias: bias === null ? null : tf.tensor(bias.values, [...bias.shape]),
    })),
    tokens: request.tokens,
    score: (grid) => scoreOf(logitsOf(grid)),
    scores: () => scoreOf(settled),
    gradientsOf: ({ score, at = activations }) =>
      tf.grad((grid) => tf.sum(scoreOf(logitsOf(grid as tf.Tensor4D), score)))(at) as tf.Tensor4D,
  };
  return { logits: settled, maps: methods.map((method) => ({ method: method.id, map: method.map(cam) })) };
}

/** The target's score of logits `[batch, classes]`, `[batch]`, on the current backend; class -1: the top one. */
export function targetScore(target: Target, logits: tf.Tensor2D, classIndex: tf.Tensor1D): tf.Tensor1D {
  const both = twoSided(logits);
  return target.score(both, chosenClass(both, classIndex));
}

/** A binary classifier with one logit z has two sides: class 1 is explained by z, class 0 by -z. */
function twoSided(logits: tf.Tensor2D): tf.Tensor2D {
  return logits.shape[1] === 1 ? tf.concat2d([tf.neg(logits), logits], 1) : logits;
}

/** The class asked for, or the top one where -1 was asked. No gradient flows through the choice. */
function chosenClass(logits: tf.Tensor2D, classIndex: tf.Tensor1D): tf.Tensor1D {
  const { shape } = logits;
  const top = tf.customGrad((z) => ({ value: tf.argMax(z as tf.Tensor2D, 1), gradFunc: () => tf.zeros(shape) }))(
    logits,
  );
  return tf.where(tf.greaterEqual(classIndex, tf.scalar(0, 'int32')), classIndex, top) as tf.Tensor1D;
}

/** The layer's value as `[batch, height, width, channels]`. */
export function toGrid(value: tf.Tensor, { layout, prefix, shape: [height, width, channels] }: Layer): tf.Tensor4D {
  const batch = value.shape[0];
  switch (layout) {
    case 'nchw':
      return tf.transpose(value as tf.Tensor4D, [0, 2, 3, 1]);
    case 'nhwc':
      return value as tf.Tensor4D;
    case 'tokens': {
      const cells = tf.slice(value as tf.Tensor3D, [0, prefix, 0], [batch, height * width, channels]);
      return tf.reshape(cells, [batch, height, width, channels]);
    }
  }
}

/** The inverse of `toGrid`: tokens before the grid keep the value they have. */
export function fromGrid(
  grid: tf.Tensor4D,
  value: tf.Tensor,
  { layout, prefix, shape: [height, width, channels] }: Layer,
): tf.Tensor {
  const batch = grid.shape[0];
  switch (layout) {
    case 'nchw':
      return tf.transpose(grid, [0, 3, 1, 2]);
    case 'nhwc':
      return grid;
    case 'tokens': {
      const cells: tf.Tensor3D = tf.reshape(grid, [batch, height * width, channels]);
      if (prefix === 0) return cells;
      return tf.concat([tf.slice(value as tf.Tensor3D, [0, 0, 0], [batch, prefix, channels]), cells], 1);
    }
  }
}
