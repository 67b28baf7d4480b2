// What the library tells while it works. It never prints; the command line has meters that listen.

export type ProgressEvent =
  | { readonly kind: 'model-loading'; readonly run: string; readonly path: string }
  | { readonly kind: 'model-loaded'; readonly run: string; readonly layer: string; readonly ms: number }
  | { readonly kind: 'started'; readonly what: string; readonly total: number }
  /** `done` of `total` cells (one sample under one run) have their map and overlay on disk. */
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  | { readonly kind: 'finished'; readonly out: string; readonly ms: number };

export type OnProgress = (event: ProgressEvent) => void;
