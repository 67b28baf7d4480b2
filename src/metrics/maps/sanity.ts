// Sanity checks of maps, as results: how alike a run's maps are to those of the same network with weights drawn anew, and to
// those of a network trained on permuted labels. Adebayo et al. 2018, "Sanity Checks for Saliency Maps", arXiv 1810.03292.
// A map that stays the same shows the picture, or the architecture, not what was learnt.

/** Maps of a changed network beside the run's own, means over the samples. */
export interface Likeness {
  /** Samples of which both maps could be compared. */
  readonly n: number;
  readonly spearman: number | null;
  readonly ssim: number | null;
}

/** Weights from the head down to `layer` are drawn anew. */
export interface RandomisationStep extends Likeness {
  readonly layer: string;
  /** Weighted layers that are drawn anew so far. */
  readonly redrawn: number;
}

export interface SanityResult {
  readonly run: string;
  readonly method: string;
  /** Cascading parameter randomisation, from the head down; the last step has no trained weight left. */
  readonly randomisation: readonly RandomisationStep[];
  /** Beside a model trained on permuted labels; null where none was given. */
  readonly permutedLabels: Likeness | null;
}

/** Steps of the cascade at most: each opens the network anew. */
export const SANITY_STEPS = 8;
/** Samples that the checks look at, at most. */
export const SANITY_SAMPLES = 32;

/**
 * A rank correlation with the maps of an untrained network at or above which maps must not be read as what was learnt: about
 * what two differently trained networks have at best, and far above chance on a grid of 7 x 7 (two standard errors: 0.29).
 */
export const ALIKE = 0.5;
