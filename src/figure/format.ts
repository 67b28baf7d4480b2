// The seam of figure formats: one drawing, one file or a few. The table is formats.ts.
import type { Drawing } from './drawing.ts';
import type { Description } from './description.ts';
import type { Typeface } from './typeface.ts';

export interface Figure {
  readonly drawing: Drawing;
  readonly typeface: Typeface;
  readonly description: Description;
  /** 1..100: rasters as JPEG; null: without loss. */
  readonly quality: number | null;
  /** Of the files, without folder and extension. */
  readonly name: string;
  /** ISO 8601, of the report: so that the same report gives the same files. */
  readonly created: string;
}

export interface FigureFile {
  /** What follows the name: `.pdf`, `-tables.tex`. */
  readonly suffix: string;
  readonly data: string | Uint8Array;
}

export interface FigureFormat {
  readonly id: string;
  readonly title: string;
  readonly files: (figure: Figure) => Promise<readonly FigureFile[]>;
}
