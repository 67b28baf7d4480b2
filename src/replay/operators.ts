// The table of operators that can be replayed, by name; those of other domains as `domain.name`. A new operator is a line
// in its family's file, a new family a file in ops/ and a line here.
import type { ReplayOp } from './call.ts';
import { activations } from './ops/activations.ts';
import { arithmetic } from './ops/arithmetic.ts';
import { convolutions } from './ops/convolutions.ts';
import { elementary } from './ops/elementary.ts';
import { generators } from './ops/generators.ts';
import { matrices } from './ops/matrices.ts';
import { microsoft } from './ops/microsoft.ts';
import { normalizations } from './ops/normalizations.ts';
import { pooling } from './ops/pooling.ts';
import { quantization } from './ops/quantization.ts';
import { rearrangements } from './ops/rearrangements.ts';
import { reductions } from './ops/reductions.ts';
import { resizing } from './ops/resizing.ts';
import { scattering } from './ops/scattering.ts';
import { slicing } from './ops/slicing.ts';

export const operators: Readonly<Record<string, ReplayOp>> = {
  ...elementary,
  ...arithmetic,
  ...activations,
  ...matrices,
  ...convolutions,
  ...pooling,
  ...normalizations,
  ...reductions,
  ...rearrangements,
  ...slicing,
  ...scattering,
  ...generators,
  ...resizing,
  ...quantization,
  ...microsoft,
};
