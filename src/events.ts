// What the library tells while it works. It never prints; the command line has meters that listen.

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
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  | { readonly kind: 'finished'; readonly out: string; readonly ms: number; readonly inferenceMs: number };

export type OnProgress = (event: ProgressEvent) => void;
