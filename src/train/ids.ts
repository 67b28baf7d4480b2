// Ids of backbones and optimisers without their tables: help and checks of options must not load TensorFlow.js. Held equal to
// the tables by a test.
import type { OptimizerId } from './optimizers.ts';

export const backboneIds = ['small', 'resnet50', 'efficientnetv2-s', 'densenet121'] as const;

const known: Record<OptimizerId, true> = { sgd: true, adam: true, adamw: true };
export const optimizerIds = Object.keys(known) as readonly OptimizerId[];
