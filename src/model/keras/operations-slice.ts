// Python's indexing, `x[:, 2:-2, ..., ::-1]`, as Keras writes it into configurations of either generation.
import * as ops from '../../trace/forward.ts';
import type { Value } from '../../trace/forward.ts';
import { isFields, isList, isWhole, type Fields } from './config.ts';
import { unsupported, type LayerCall } from './layer.ts';

/** What becomes of one axis of the input, or a new axis. */
type Step =
  | { readonly kind: 'range'; readonly start: number | null; readonly stop: number | null; readonly step: number }
  | { readonly kind: 'pick'; readonly index: number }
  | { readonly kind: 'new' };

/** `x[spec]`: ranges, whole numbers, new axes and one ellipsis. */
export function getItem(call: LayerCall): Value {
  const [x] = call.inputs;
  const spec: unknown = call.kwargs.slice_spec ?? call.kwargs.key ?? call.args[1];
  if (x === undefined || spec === undefined) throw unsupported(call, 'a tensor and an index', 'less');
  const steps = stepsOf(call, isList(spec) ? spec : [spec], x.shape.length);
  const begin: number[] = [];
  const size: number[] = [];
  const strides: number[] = [];
  const shape: number[] = [];
  for (const step of steps) {
    if (step.kind === 'new') {
      shape.push(1);
      continue;
    }
    const length = x.shape[begin.length]!;
    const range = step.kind === 'pick' ? picked(step.index, length) : ranged(step, length);
    begin.push(range.begin);
    size.push(range.count);
    strides.push(range.step);
    if (step.kind === 'range') shape.push(range.count);
  }
  if (size.some((count) => count < 1)) throw unsupported(call, 'an index that leaves something', 'an empty range');
  return ops.reshape(strided(x, begin, size, strides), shape);
}

/** A range of steps that fills the input's axes. */
function stepsOf(call: LayerCall, spec: readonly unknown[], rank: number): Step[] {
  const parsed = spec.map((item) => stepOf(call, item));
  const used = parsed.filter((step) => step !== 'ellipsis' && step.kind !== 'new').length;
  const rest = Array.from({ length: rank - used }, (): Step => ({ kind: 'range', start: null, stop: null, step: 1 }));
  if (used > rank) throw unsupported(call, `at most ${rank} indices`, `${used}`);
  const at = parsed.indexOf('ellipsis');
  const steps = parsed.flatMap((step, index) => (step === 'ellipsis' ? (index === at ? rest : []) : [step]));
  return at === -1 ? [...steps, ...rest] : steps;
}

function stepOf(call: LayerCall, item: unknown): Step | 'ellipsis' {
  if (isWhole(item)) return { kind: 'pick', index: item };
  if (item === null) return { kind: 'new' };
  if (item === '...' || (isFields(item) && item.class_name === '__ellipsis__')) return 'ellipsis';
  if (isFields(item)) {
    const range: Fields = isFields(item.config) ? item.config : item;
    const [start, stop, step] = [range.start ?? null, range.stop ?? null, range.step ?? 1];
    if ((start === null || isWhole(start)) && (stop === null || isWhole(stop)) && isWhole(step) && step !== 0) {
      return { kind: 'range', start, stop, step };
    }
  }
  throw unsupported(call, 'an index of whole numbers and ranges', JSON.stringify(item) ?? 'none');
}

interface Range {
  readonly begin: number;
  readonly count: number;
  readonly step: number;
}

function picked(index: number, length: number): Range {
  const begin = index < 0 ? index + length : index;
  return { begin, count: begin >= 0 && begin < length ? 1 : 0, step: 1 };
}

/** Python's `slice.indices`. */
function ranged(
  { start, stop, step }: { start: number | null; stop: number | null; step: number },
  length: number,
): Range {
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + length : index, lowest), highest);
  const begin = start === null ? (step > 0 ? lowest : highest) : clamp(start);
  const end = stop === null ? (step > 0 ? highest : lowest) : clamp(stop);
  return { begin, count: Math.max(0, Math.ceil((end - begin) / step)), step };
}

const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

function strided(x: Value, begin: number[], size: number[], strides: number[]): Value {
  // Backward ranges first turned round, so that what is left goes forward.
  const backward = strides.flatMap((step, axis) => (step < 0 ? [axis] : []));
  const turned = backward.length === 0 ? x : ops.reverse(x, backward);
  const from = begin.map((start, axis) => (strides[axis]! < 0 ? x.shape[axis]! - 1 - start : start));
  const steps = strides.map(Math.abs);
  const spans = size.map((count, axis) => (count - 1) * steps[axis]! + 1);
  if (steps.every((step) => step === 1)) {
    const whole = from.every((start) => start === 0) && spans.every((count, axis) => count === x.shape[axis]);
    return whole ? turned : ops.slice(turned, from, spans);
  }
  return ops.stridedSlice(turned, {
    begin: from,
    end: from.map((start, axis) => start + spans[axis]!),
    strides: steps,
    ...NO_MASKS,
  });
}
