// The table of traced kernels. A new one: a file in ops/ and a line here.
import type { OpLowering } from './op.ts';
import { addN } from './ops/AddN.ts';
import { batchMatMul } from './ops/BatchMatMul.ts';
import { binary } from './ops/binary.ts';
import { composedBinary } from './ops/composed-binary.ts';
import { composedUnary } from './ops/composed-unary.ts';
import { conv2D } from './ops/Conv2D.ts';
import { depthwiseConv2D } from './ops/DepthwiseConv2D.ts';
import { fills } from './ops/fills.ts';
import { fusedBatchNorm } from './ops/FusedBatchNorm.ts';
import { groupedConv2D } from './ops/GroupedConv2D.ts';
import { identities } from './ops/identities.ts';
import { reductions } from './ops/reductions.ts';
import { unary } from './ops/unary.ts';

/** What every file of ops/ exports, in alphabetical order of the files. */
export const families: readonly (readonly OpLowering[])[] = [
  [addN],
  batchMatMul,
  binary,
  composedBinary,
  composedUnary,
  conv2D,
  depthwiseConv2D,
  fills,
  [fusedBatchNorm],
  groupedConv2D,
  identities,
  reductions,
  unary,
];

/** Lowerings by the kernel's name. */
export const lowerings: ReadonlyMap<string, OpLowering> = new Map(
  families.flat().map((entry) => [entry.kernel, entry]),
);
