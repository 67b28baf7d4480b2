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

/** Padding on either side that keeps an odd kernel centred. */
export const centredPadding = (kernel: number, dilation: number): number => Math.floor((kernel - 1) / 2) * dilation;

/** [count, size]: row i holds the shares of the `size` cells in the mean of cell i, floor(i size / count) up to ceil((i + 1) size / count). */
export function adaptiveMeans(count: number, size: number): Float32Array {
  const means = new Float32Array(count * size);
  for (let cell = 0; cell < count; cell++) {
    const begin = Math.floor((cell * size) / count);
    const end = Math.ceil(((cell + 1) * size) / count);
    means.fill(1 / (end - begin), cell * size + begin, cell * size + end);
  }
  return means;
}
