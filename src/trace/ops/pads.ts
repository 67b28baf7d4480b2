// Kernels that add cells around a value.
import { int, string } from '../../graph/attributes.ts';
import { tf } from '../../tf/tfjs.ts';
import { identity, pick } from '../layout.ts';
import { lowering, type CaseInput, type OpLowering } from '../op.ts';
import type { Recorder } from '../recorder.ts';
import { constantValue, type Value } from '../value.ts';

type Paddings = readonly (readonly [number, number])[];

const widened = (shape: readonly number[], paddings: Paddings): number[] =>
  shape.map((extent, axis) => paddings[axis]![0] + extent + paddings[axis]![1]);

/** Where each cell of an axis mirrored at its edges, the edge itself repeated, comes from. */
function mirrored(size: number, [before, after]: readonly [number, number]): number[] {
  return identity(before + size + after).map((cell) => {
    const from = cell - before;
    return from < 0 ? -from - 1 : from < size ? from : 2 * size - from - 1;
  });
}

function reflected(recorder: Recorder, x: Value, paddings: Paddings): Value {
  const physical = pick(paddings, x.order);
  const pads = recorder.integers([...physical.map((pair) => pair[0]), ...physical.map((pair) => pair[1])]);
  const made = { shape: widened(x.shape, paddings), order: x.order, dtype: x.dtype };
  return recorder.make('Pad', [recorder.at(x, x.order), pads], made, { mode: string('reflect') });
}

/** ONNX has no such mode: every axis is read in mirrored order. */
function repeatedEdges(recorder: Recorder, x: Value, paddings: Paddings): Value {
  return paddings.reduce<Value>((value, pair, axis) => {
    if (pair[0] === 0 && pair[1] === 0) return value;
    const cells = mirrored(value.shape[axis]!, pair);
    const indices = recorder.at(constantValue(Int32Array.from(cells), [cells.length], 'int32'));
    const made = { shape: value.shape.with(axis, cells.length), order: value.order, dtype: value.dtype };
    return recorder.make('Gather', [recorder.at(value, value.order), indices], made, {
      axis: int(value.order.indexOf(axis)),
    });
  }, x);
}

const image: CaseInput = { shape: [1, 4, 3, 2] };
const around = [[0, 0], [1, 2], [0, 1], [0, 0]] as [number, number][]; // prettier-ignore

export const pads: readonly OpLowering[] = [
  lowering<'x', tf.PadV2Attrs>('PadV2', {
    lower: (recorder, { x }, { paddings, constantValue: number }) => {
      if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
      const physical = pick(paddings, x.order);
      const pads = recorder.integers([...physical.map((pair) => pair[0]), ...physical.map((pair) => pair[1])]);
      const inputs = [recorder.at(x, x.order), pads, recorder.scalar(number, x.dtype)];
      return recorder.make('Pad', inputs, { shape: widened(x.shape, paddings), order: x.order, dtype: x.dtype });
    },
    cases: [
      { title: 'uneven', inputs: [image], compute: (x) => tf.pad(x, around, 3), nodes: ['Pad'] },
      { title: 'nothing', inputs: [image], compute: (x) => tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, 0]]), nodes: [] }, // prettier-ignore
      {
        title: 'of an image that lies channels first',
        inputs: [{ shape: [1, 2, 4, 3] }],
        compute: (x) => tf.transpose(tf.pad(tf.transpose(x, [0, 2, 3, 1]), around), [0, 3, 1, 2]),
        nodes: ['Pad'],
      },
    ],
  }),
  lowering<'x', tf.MirrorPadAttrs>('MirrorPad', {
    lower: (recorder, { x }, { paddings, mode }) =>
      mode === 'reflect' ? reflected(recorder, x, paddings) : repeatedEdges(recorder, x, paddings),
    cases: (['reflect', 'symmetric'] as const).map((mode) => ({
      title: mode,
      inputs: [image],
      compute: (x) => tf.mirrorPad(x, around, mode),
    })),
  }),
];
