// Layers that move values about: shape, order of axes, borders, size.
import * as ops from '../../../trace/forward.ts';
import type { Value } from '../../../trace/forward.ts';
import { channelsLast, isChannelsFirst } from '../axes.ts';
import { bordersOf, choiceOf, pairOf, wholeOf, wholesOf } from '../config.ts';
import { imageOf, inputOf, unsupported, type LayerCall, type LayerClass } from '../layer.ts';

export const reshapeLayers: Readonly<Record<string, LayerClass>> = {
  Flatten: { apply: flatten },
  Reshape: { apply: reshape },
  Permute: { apply: (call) => ops.transpose(inputOf(call), [0, ...wholesOf(call, 'dims', [])]) },
  RepeatVector: { apply: (call) => ops.tile(ops.expandDims(inputOf(call), 1), [1, wholeOf(call, 'n', 1), 1]) },
  ZeroPadding2D: { apply: zeroPadding },
  Cropping2D: { apply: cropping },
  UpSampling2D: { apply: upSampling },
};

function flatten(call: LayerCall): Value {
  const x = inputOf(call);
  // Keras flattens channels first as if they came last, so that weights stay valid.
  const ordered =
    x.shape.length > 2 && isChannelsFirst(call) ? ops.transpose(x, [0, ...x.shape.map((_, i) => i).slice(2), 1]) : x;
  const [batch = 1, ...rest] = x.shape;
  return ops.reshape(ordered, [batch, rest.reduce((size, dim) => size * dim, 1)]);
}

function reshape(call: LayerCall): Value {
  const x = inputOf(call);
  const [batch = 1, ...rest] = x.shape;
  const size = rest.reduce((product, dim) => product * dim, 1);
  const target = wholesOf(call, 'target_shape', []);
  const known = target.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const shape = target.map((dim) => (dim === -1 ? size / known : dim));
  if (shape.reduce((product, dim) => product * dim, 1) !== size || !shape.every(Number.isInteger)) {
    throw unsupported(
      call,
      `a shape of ${size} elements`,
      `[${target.join(', ')}] for an input [${x.shape.join(', ')}]`,
    );
  }
  return ops.reshape(x, [batch, ...shape]);
}

function zeroPadding(call: LayerCall): Value {
  const [rows, columns] = bordersOf(call, 'padding', 1);
  return channelsLast(call, imageOf(call), (x) => ops.pad(x, [[0, 0], rows, columns, [0, 0]]));
}

function cropping(call: LayerCall): Value {
  const [rows, columns] = bordersOf(call, 'cropping', 0);
  return channelsLast(call, imageOf(call), (x) => {
    const [batch, height, width, channels] = x.shape;
    const size = [batch, height - rows[0] - rows[1], width - columns[0] - columns[1], channels];
    if (size.some((dim) => dim < 1))
      throw unsupported(call, 'a crop within the input', `input [${x.shape.join(', ')}]`);
    return ops.slice(x, [0, rows[0], columns[0], 0], size);
  });
}

function upSampling(call: LayerCall): Value {
  const [rows, columns] = pairOf(call, 'size', 2);
  const interpolation = choiceOf(call, 'interpolation', ['nearest', 'bilinear'], 'nearest');
  return channelsLast(call, imageOf(call), (x) => {
    const size: [number, number] = [x.shape[1] * rows, x.shape[2] * columns];
    return ops.resize(x, size, interpolation, { halfPixelCenters: interpolation === 'bilinear' });
  });
}
