// Layers that prepare pictures inside the model.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { channelsLast, isChannelsFirst } from '../axes.ts';
import { badField, choiceOf, flagOf, isList, wholeOf, type Configured } from '../config.ts';
import { imageOf, inputOf, unsupported, type LayerCall, type LayerClass } from '../layer.ts';

export const preprocessingLayers: Readonly<Record<string, LayerClass>> = {
  Rescaling: { apply: rescale },
  Resizing: { apply: resize },
  CenterCrop: { apply: centerCrop },
  RandomCrop: { apply: randomCrop },
};

/** x * scale + offset; both one number, or one per channel. */
function rescale(call: LayerCall): Value {
  const x = inputOf(call);
  const [scale, offset] = [rescalingOf(call, 'scale', 1), rescalingOf(call, 'offset', 0)];
  const product = scale.length === 1 ? ops.mul(x, scale[0]!) : ops.mul(x, perChannel(call, x, scale));
  if (offset.length === 1) return offset[0] === 0 ? product : ops.add(product, offset[0]!);
  return ops.add(product, perChannel(call, x, offset));
}

/** The numbers of a Rescaling layer's field: one, or one per channel. */
export function rescalingOf(layer: Configured, field: 'scale' | 'offset', fallback: number): number[] {
  const value = layer.config[field] ?? fallback;
  // Keras 3 writes arrays as {class_name: '__numpy__', config: {value}}.
  const wrapped =
    typeof value === 'object' && !isList(value)
      ? ((value as { config?: { value?: unknown } }).config?.value ?? value)
      : value;
  const list = isList(wrapped) ? wrapped.flat(4) : [wrapped];
  if (list.length === 0 || !list.every((item) => typeof item === 'number'))
    throw badField(layer, field, 'a number, or one per channel');
  return list;
}

function perChannel(call: LayerCall, x: Value, values: readonly number[]): Value {
  if (values.length !== x.shape.at(-1)) throw badField(call, 'scale', `${x.shape.at(-1)} numbers`);
  return ops.constant(values, [values.length]);
}

function resize(call: LayerCall): Value {
  const size: [number, number] = [wholeOf(call, 'height', 0), wholeOf(call, 'width', 0)];
  return channelsLast(call, imageOf(call), (x) => {
    const [batch, height, width, channels] = x.shape;
    if (height === size[0] && width === size[1]) return x;
    const interpolation = choiceOf(call, 'interpolation', ['bilinear', 'nearest'], 'bilinear');
    if (flagOf(call, 'antialias', false) || flagOf(call, 'pad_to_aspect_ratio', false)) {
      throw unsupported(call, 'resizing without antialias and pad_to_aspect_ratio', 'one of them');
    }
    let part: Value = x;
    if (flagOf(call, 'crop_to_aspect_ratio', false)) {
      // The largest centred part of the target's proportions.
      const rows = Math.min(height, Math.trunc((width * size[0]) / size[1]));
      const columns = Math.min(width, Math.trunc((height * size[1]) / size[0]));
      part = ops.slice(
        x,
        [0, Math.trunc((height - rows) / 2), Math.trunc((width - columns) / 2), 0],
        [batch, rows, columns, channels],
      );
    }
    return ops.resize(part, size, interpolation, { halfPixelCenters: true });
  });
}

function centerCrop(call: LayerCall): Value {
  const [rows, columns] = [wholeOf(call, 'height', 0), wholeOf(call, 'width', 0)];
  return channelsLast(call, imageOf(call), (x) => {
    const [batch, height, width, channels] = x.shape;
    if (rows > height || columns > width) {
      throw unsupported(call, `an input of at least ${rows} x ${columns}`, `${height} x ${width}`);
    }
    const start = [0, Math.floor((height - rows) / 2), Math.floor((width - columns) / 2), 0];
    return ops.slice(x, start, [batch, rows, columns, channels]);
  });
}

/** Keras 3 crops in training only; Keras 2 resizes otherwise, which is nothing where the size fits already. */
function randomCrop(call: LayerCall): Value {
  const x = imageOf(call);
  if (call.generation === 3) return x;
  const [height, width] = isChannelsFirst(call) ? [x.shape[2], x.shape[3]] : [x.shape[1], x.shape[2]];
  const wanted = [wholeOf(call, 'height', 0), wholeOf(call, 'width', 0)];
  if (height === wanted[0] && width === wanted[1]) return x;
  throw unsupported(call, `an input of ${wanted.join(' x ')}`, `${height} x ${width}`);
}
