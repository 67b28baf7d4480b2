// The table of optimisers.
import { adam } from './optimizers/adam.ts';
import { adamw } from './optimizers/adamw.ts';
import { sgd } from './optimizers/sgd.ts';

export const optimizers = { sgd, adam, adamw } as const;
export type OptimizerId = keyof typeof optimizers;
