// The seam of model formats: one file in formats/ and one line in the table below.
import type { FilesAhead } from './ahead.ts';
import type { Model } from './model.ts';
import type { RunSpec } from './run-spec.ts';

/** A model on disk, before anything was parsed. */
export interface ModelSource {
  /** Path as the user gave it: a file, or a folder with a model in it. */
  readonly path: string;
  /** The model file itself, absolute. */
  readonly file: string;
  /** Its first 512 bytes. */
  readonly head: Uint8Array;
  /** Checked run.json, empty where there is none. */
  readonly run: RunSpec;
  /** Files that are being read already. */
  readonly ahead?: FilesAhead | undefined;
}

export interface ModelFormat {
  readonly id: string;
  readonly title: string;
  /** File name endings that such files usually have, with the dot. */
  readonly extensions: readonly string[];
  /** Cheap: by name, first bytes or JSON keys. */
  detect(source: ModelSource): boolean | Promise<boolean>;
  load(source: ModelSource): Promise<Model>;
}
