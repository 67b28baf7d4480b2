// Recipes by name: options of training that belong together. What the user says himself counts more.
import type { TrainSpec } from './spec.ts';

export const recipes = {
  /** That of the demo runs: AdamW, cosine with one epoch of warm-up, random flips, turns and shifts; the last epoch counts. */
  demo: {
    optimizer: 'adamw',
    lr: 2e-3,
    weightDecay: 0.02,
    schedule: 'cosine',
    warmup: 1,
    epochs: 18,
    batch: 64,
    size: 128,
    augment: 'demo',
    mean: [0.68, 0.51, 0.43],
    std: [0.2, 0.18, 0.17],
    save: 'last',
    gamma: 1.5,
  },
  /**
   * The LMF authors' code (Adnan-Sadi/LMFLOSS): Adam, StepLR, pictures squashed to 224 x 224 in 0..1 without augmentation,
   * a plain linear head, margins as class weights; the epoch with the best macro-F1 of validation counts.
   */
  'lmf-official': {
    optimizer: 'adam',
    lr: 1e-4,
    weightDecay: 5e-4,
    schedule: 'step',
    lrEvery: 30,
    lrFactor: 0.1,
    warmup: 0,
    epochs: 100,
    batch: 32,
    size: 224,
    augment: 'none',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    head: 'linear',
    save: 'best',
    gamma: 1.5,
    lmfVariant: 'official',
    lossOptions: { focal: { classWeights: 'margins' }, ldam: { classWeights: 'margins' } },
  },
  /** LDAM-DRW (kaidic/LDAM-DRW): SGD, five epochs of warm-up, drops to 1 % at 160 and again at 180, re-weighting from 160 on. */
  'ldam-drw': {
    optimizer: 'sgd',
    momentum: 0.9,
    lr: 0.1,
    weightDecay: 2e-4,
    schedule: 'multi-step',
    milestones: [160, 180],
    lrFactor: 0.01,
    warmup: 5,
    epochs: 200,
    batch: 128,
    augment: 'light',
    drwEpoch: 160,
    save: 'best',
  },
} as const satisfies Record<string, Partial<TrainSpec>>;
export type RecipeId = keyof typeof recipes;
export const recipeIds = Object.keys(recipes) as readonly RecipeId[];
