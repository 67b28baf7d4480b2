// Convolution layers. All of them become the grouped, dilated, explicitly padded convolution of src/ops.
import type { Constant } from '../../../graph/graph.ts';
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { span } from '../../../tf/window.ts';
import { lastAxesFirst } from '../../filters.ts';
import { activationOf } from '../activations.ts';
import { channelsLast, toNchw, toNhwc } from '../axes.ts';
import { choiceOf, flagOf, isWhole, pairOf, wholeOf, type Configured } from '../config.ts';
import {
  imageOf,
  maybeWeightOf,
  unsupported,
  type Image,
  type LayerCall,
  type LayerClass,
  type Variable,
} from '../layer.ts';

export const convLayers: Readonly<Record<string, LayerClass>> = {
  Conv2D: { variables: (layer) => withBias(layer, { names: ['kernel'] }), apply: conv },
  DepthwiseConv2D: {
    variables: (layer) => withBias(layer, { names: ['depthwise_kernel', 'kernel'] }),
    apply: (call) => finish(call, (x) => depthwise(call, x)),
  },
  SeparableConv2D: {
    variables: (layer) => withBias(layer, { names: ['depthwise_kernel'] }, { names: ['pointwise_kernel'] }),
    apply: (call) => finish(call, (x) => pointwise(call, depthwise(call, x))),
  },
  Conv2DTranspose: { variables: (layer) => withBias(layer, { names: ['kernel'] }), apply: convTranspose },
};

function withBias(layer: Configured, ...kernels: Variable[]): Variable[] {
  return flagOf(layer, 'use_bias', true) ? [...kernels, { names: ['bias'] }] : kernels;
}

/** Runs a convolution on channels last, then adds the bias and applies the activation. */
function finish(call: LayerCall, convolve: (x: Image) => Value): Value {
  return channelsLast(call, imageOf(call), (x) => {
    const y = convolve(x);
    const bias = maybeWeightOf(call, 'bias');
    return activationOf(call)(bias === null ? y : ops.add(y, bias));
  });
}

function conv(call: LayerCall): Value {
  const array = kernelOf(call, 'kernel');
  const [height, width, inputs, outputs] = array.shape;
  return finish(call, (x) => {
    const groups = x.shape[3] / inputs;
    const filter = ops.constant(
      lastAxesFirst(array.constant, { taps: height * width, rows: inputs, columns: outputs }),
      [outputs, inputs, height, width],
    );
    return toNhwc(ops.conv2d(toNchw(x), filter, { ...windowOf(call, x, [height, width]), groups }));
  });
}

function depthwise(call: LayerCall, x: Image): Value {
  const array = kernelOf(call, 'depthwise_kernel');
  const [height, width, inputs, multiplier] = array.shape;
  const outputs = inputs * multiplier;
  const filter = ops.constant(lastAxesFirst(array.constant, { taps: height * width, rows: 1, columns: outputs }), [
    outputs,
    1,
    height,
    width,
  ]);
  return toNhwc(ops.conv2d(toNchw(x), filter, { ...windowOf(call, x, [height, width]), groups: inputs }));
}

function pointwise(call: LayerCall, x: Value): Value {
  const array = kernelOf(call, 'pointwise_kernel');
  const [, , inputs, outputs] = array.shape;
  const values = lastAxesFirst(array.constant, { taps: 1, rows: inputs, columns: outputs });
  const filter = ops.constant(values, [outputs, inputs, 1, 1]);
  return toNhwc(ops.conv2d(toNchw(x), filter, { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 }));
}

function convTranspose(call: LayerCall): Value {
  const array = kernelOf(call, 'kernel');
  const [height, width, outputs, inputs] = array.shape;
  return finish(call, (x) => {
    const filter = ops.constant(
      lastAxesFirst(array.constant, { taps: height * width, rows: outputs, columns: inputs }),
      [inputs, outputs, height, width],
    );
    const strides = pairOf(call, 'strides', 1);
    const dilations = pairOf(call, 'dilation_rate', 1);
    const rows = transposedSize(call, 0, x.shape[1], span(height, dilations[0]), strides[0]);
    const columns = transposedSize(call, 1, x.shape[2], span(width, dilations[1]), strides[1]);
    const pads = [rows.before, columns.before, rows.after, columns.after] as const;
    const outputPadding = [rows.added, columns.added] as const;
    return toNhwc(ops.convTranspose2d(toNchw(x), filter, { strides, dilations, pads, outputPadding, groups: 1 }));
  });
}

interface Kernel {
  readonly constant: Constant;
  readonly shape: readonly [number, number, number, number];
}

function kernelOf(call: LayerCall, name: string): Kernel {
  const constant = call.weights.get(name);
  const [height, width, rows, columns] = constant?.shape ?? [];
  if (constant?.shape.length !== 4 || !height || !width || !rows || !columns) {
    throw unsupported(call, `a "${name}" of 4 axes`, `shape [${constant?.shape.join(', ') ?? ''}]`);
  }
  return { constant, shape: [height, width, rows, columns] };
}

/** Strides, dilations and the pads that `padding` means for an input of this size. */
function windowOf(call: LayerCall, x: Image, kernel: readonly [number, number]) {
  const strides = pairOf(call, 'strides', 1);
  const dilations = pairOf(call, 'dilation_rate', 1);
  const padding = choiceOf(call, 'padding', ['valid', 'same'], 'valid');
  const [top, bottom] = padsOf(padding, x.shape[1], span(kernel[0], dilations[0]), strides[0]);
  const [left, right] = padsOf(padding, x.shape[2], span(kernel[1], dilations[1]), strides[1]);
  return { strides, dilations, pads: [top, left, bottom, right] as const };
}

/** `same` gives ceil(size / stride) positions and puts the odd cell of padding at the end. */
function padsOf(padding: 'valid' | 'same', size: number, window: number, stride: number): [number, number] {
  if (padding === 'valid') return [0, 0];
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + window - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** Padding along one axis of a transposed convolution: the forward convolution's, over the output's size. */
function transposedSize(call: LayerCall, axis: 0 | 1, size: number, window: number, stride: number) {
  const same = choiceOf(call, 'padding', ['valid', 'same'], 'valid') === 'same';
  const given = call.config.output_padding ?? null;
  const extra =
    given === null
      ? null
      : isWhole(given)
        ? wholeOf(call, 'output_padding', 0)
        : pairOf(call, 'output_padding', 0)[axis];
  const full = (size - 1) * stride + window;
  let wanted = same ? size * stride : size * stride + Math.max(window - stride, 0);
  if (extra !== null) wanted = full - (same ? 2 * Math.floor(window / 2) : 0) + extra;
  const total = same ? Math.max(full - wanted, 0) : 0;
  const before = Math.floor(total / 2);
  return { before, after: total - before, added: wanted - (full - total) };
}
