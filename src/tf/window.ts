// Arithmetic of sliding windows along one axis, shared by convolution and pooling.

/** Cells from a window's first to its last. */
export function span(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** Number of window positions that fit `size` cells with `before` and `after` cells of padding; below 1 when none does. */
export function outputSize(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number {
  return Math.floor((size + before + after - span(kernel, dilation)) / stride) + 1;
}
