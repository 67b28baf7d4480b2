// Every case of every operator, by the family that src/replay/ops has a file for.
import type { OperatorCase } from './case.ts';
import { activations } from './cases/activations.ts';
import { arithmetic } from './cases/arithmetic.ts';
import { convolutions } from './cases/convolutions.ts';
import { elementary } from './cases/elementary.ts';
import { generators } from './cases/generators.ts';
import { matrices } from './cases/matrices.ts';
import { microsoft } from './cases/microsoft.ts';
import { normalizations } from './cases/normalizations.ts';
import { pooling } from './cases/pooling.ts';
import { quantization } from './cases/quantization.ts';
import { rearrangements } from './cases/rearrangements.ts';
import { reductions } from './cases/reductions.ts';
import { resizing } from './cases/resizing.ts';
import { scattering } from './cases/scattering.ts';
import { slicing } from './cases/slicing.ts';

export const families: Readonly<Record<string, readonly OperatorCase[]>> = {
  activations,
  arithmetic,
  convolutions,
  elementary,
  generators,
  matrices,
  microsoft,
  normalizations,
  pooling,
  quantization,
  rearrangements,
  reductions,
  resizing,
  scattering,
  slicing,
};
