// Windows that slide over a picture: how many fit, PyTorch's way, and the means of adaptive pooling.
import { GradcamError } from '../../lib/errors.ts';

export interface SlidingWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation?: number;
  /** Whether a window that reaches beyond the end counts. */
  readonly ceil?: boolean;
}

/** How many windows fit along a side of `size` pixels. Throws GradcamError `input-too-small` where none does; `path` is named. */
export function windowsAlong(size: number, window: SlidingWindow, path: string): number {
  const { kernel, stride, padding, dilation = 1, ceil = false } = window;
  const extent = dilation * (kernel - 1) + 1;
  const steps = (size + 2 * padding - extent) / stride;
  let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // The last window must start within the picture or its padding before.
  if (ceil && (count - 1) * stride >= size + padding) count--;
  if (count >= 1) return count;
  throw new GradcamError({
    code: 'input-too-small',
    what: `The input is too small for this network: at ${path} nothing is left of it.`,
    found: `${size} pixels along one side before a window of ${extent}`,
    hint: 'Give a larger input.size in run.json.',
  });
}

/** TensorFlow's SAME: as many windows as steps of the stride, rounded up; before and after, the odd one after. */
export function samePadding(
  size: number,
  { kernel, stride, dilation = 1 }: Omit<SlidingWindow, 'padding'>,
): readonly [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** Padding on either side that keeps an odd kernel centred. */
export const centredPadding = (kernel: number, dilation: number): number => Math.floor((kernel - 1) / 2) * dilation;
