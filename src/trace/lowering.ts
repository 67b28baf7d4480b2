// The table of traced kernels. A new one: a file in ops/ and a line here.
import type { OpLowering } from './op.ts';
import { addN } from './ops/AddN.ts';
import { alongAxis } from './ops/along-axis.ts';
import { batchMatMul } from './ops/BatchMatMul.ts';
import { binary } from './ops/binary.ts';
import { batchNormTraining } from './ops/BatchNormTraining.ts';
import { blocks } from './ops/blocks.ts';
import { composedBinary } from './ops/composed-binary.ts';
import { composedUnary } from './ops/composed-unary.ts';
import { conv2D } from './ops/Conv2D.ts';
import { depthwiseConv2D } from './ops/DepthwiseConv2D.ts';
import { einsum } from './ops/Einsum.ts';
import { fills } from './ops/fills.ts';
import { fusedBatchNorm } from './ops/FusedBatchNorm.ts';
import { gathers } from './ops/gathers.ts';
import { groupedConv2D } from './ops/GroupedConv2D.ts';
import { identities } from './ops/identities.ts';
import { joins } from './ops/joins.ts';
import { pads } from './ops/pads.ts';
import { pooling } from './ops/pooling.ts';
import { reductions } from './ops/reductions.ts';
import { resizes } from './ops/resizes.ts';
import { select } from './ops/Select.ts';
import { slices } from './ops/slices.ts';
import { unary } from './ops/unary.ts';
import { windowPools } from './ops/WindowPools.ts';

/** What every file of ops/ exports, in alphabetical order of the files. */
export const families: readonly (readonly OpLowering[])[] = [
  [addN],
  alongAxis,
  batchMatMul,
  batchNormTraining,
  binary,
  blocks,
  composedBinary,
  composedUnary,
  conv2D,
  depthwiseConv2D,
  [einsum],
  fills,
  [fusedBatchNorm],
  gathers,
  groupedConv2D,
  identities,
  joins,
  pads,
  pooling,
  reductions,
  resizes,
  [select],
  slices,
  unary,
  windowPools,
];

/** Lowerings by the kernel's name. */
export const lowerings: ReadonlyMap<string, OpLowering> = new Map(
  families.flat().map((entry) => [entry.kernel, entry]),
);
