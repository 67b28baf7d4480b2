// What the library tells while it works. It never prints; the command line has meters that listen.

/** What happens while the library works, told apart by `kind`. Times are in milliseconds. */
export type ProgressEvent =
  | { readonly kind: 'model-loading'; readonly run: string; readonly path: string }
  | { readonly kind: 'model-loaded'; readonly run: string; readonly layer?: string; readonly ms: number }
  | { readonly kind: 'started'; readonly what: string; readonly total: number }
  /** This many more cells (one sample under one run and method) have their map, and overlay if its scale is known, on disk. */
  | { readonly kind: 'progress'; readonly cells: number }
  /** A method of many passes is under way with one picture. */
  | {
      readonly kind: 'passes';
      readonly run: string;
      readonly method: string;
      readonly done: number;
      readonly total: number;
    }
  /** A run of several is about to be trained, counted from 1. */
  | { readonly kind: 'run-started'; readonly run: string; readonly number: number; readonly total: number }
  /** A training step is done; epoch and step counted from 1, loss: mean over the epoch so far. */
  | {
      readonly kind: 'step';
      readonly run: string;
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly steps: number;
      readonly pictures: number;
      readonly loss: number;
    }
  /** An epoch is done, and its checkpoint on disk. */
  | {
      readonly kind: 'epoch';
      readonly run: string;
      readonly epoch: number;
      readonly epochs: number;
      readonly trainLoss: number;
      readonly valLoss: number | null;
      readonly valMacroF1: number | null;
      /** The best of validation so far. */
      readonly best: boolean;
      readonly picturesPerSecond: number;
      /** Share of the time in which a step was running. */
      readonly busy: number;
    }
  | { readonly kind: 'run-ended'; readonly run: string; readonly folder: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  | { readonly kind: 'finished'; readonly out: string; readonly ms: number; readonly inferenceMs: number };

/** Called with each event, while the work goes on. */
export type OnProgress = (event: ProgressEvent) => void;
