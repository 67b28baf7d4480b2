// report.json: everything the report shows, machine-readable. Schema gradcam/report@1.
import type { Evaluation } from './evaluation/evaluation.ts';
import type { InputSpec } from '../image/picture.ts';
import type { Numbers } from '../metrics/maps/measure.ts';
import type { SanityResult } from '../metrics/maps/sanity.ts';
import type { MapsSummary } from '../metrics/maps/summary.ts';

export interface ReportClass {
  readonly index: number;
  readonly name: string;
}

/** What a map explains: a class, and what else its score is made of. */
export interface ReportTarget extends ReportClass {
  /** Id of the score where it is not the class logit: `class-probability`, `difference`, `similarity` (index -1) ... */
  readonly kind?: string;
  /** The class that it is set against. */
  readonly against?: ReportClass;
}

/** A CAM method that cells of the report name by its id. */
export interface ReportMethod {
  readonly id: string;
  readonly title: string;
  /** Where it was published: authors, year, arXiv or DOI. */
  readonly paper: string;
  /** What a reader of its maps must know; absent: nothing. */
  readonly caveat?: string;
}

/** A model as it was compared. */
export interface ReportRun {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly format: string;
  readonly sha256: string;
  readonly classes: readonly string[];
  readonly layer: { readonly name: string; readonly shape: readonly [number, number, number] };
  readonly assumed: readonly string[];
  readonly loss: string | null;
  readonly synthetic: boolean;
  readonly logitScale: number;
  readonly input: {
    readonly size: readonly [number, number];
    readonly resize: string;
    /** Pixels of the shorter side before the centre is cropped; null where it just covers the size. */
    readonly shortSide: number | null;
    readonly scale: readonly [number, number];
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly channels: string;
  };
  /** Metrics of run.json as they stand there; null where it has none. */
  readonly metrics: Readonly<Record<string, unknown>> | null;
}

/** A picture as it was compared. Width and height in pixels. */
export interface ReportSample {
  /** Unique within the report. */
  readonly id: string;
  readonly path: string;
  /** The picture as the report shows it, relative to report.json; null where it could not be written. */
  readonly picture: string | null;
  readonly width: number;
  readonly height: number;
  readonly label: string | null;
  readonly sha256: string;
  /** Lesion or object mask, path as found; null where there is none. */
  readonly mask: string | null;
}

/** What a model saw of a picture: its input tensor, and that tensor as a picture. */
export interface ReportInput {
  /** PNG of the model's input size, normalisation undone, relative to report.json. */
  readonly picture: string;
  /** Least and greatest value of the tensor. */
  readonly range: readonly [number, number];
  /** Mean of each channel of the tensor, in the order in which the model gets them. */
  readonly means: readonly number[];
}

/** One sample under one run and method. */
export interface ReportCell {
  readonly sample: string;
  readonly run: string;
  readonly method: string;
  /** The class that the map explains; null where no map could be made. */
  readonly target: ReportTarget | null;
  readonly predicted: (ReportClass & { readonly probability: number }) | null;
  /** The five most probable classes, most probable first. */
  readonly top: readonly (ReportClass & { readonly probability: number })[];
  /** The target's logit as the model gives it, before logitScale. */
  readonly logit: number | null;
  readonly correct: boolean | null;
  /** Path of the .npy file, relative to report.json; null where no map could be made. */
  readonly map: string | null;
  /** Least and greatest value of the map. */
  readonly range: readonly [number, number] | null;
  /** The map value drawn at the top of the colormap, under the report's scale. */
  readonly scaleMax: number | null;
  /** The rectangle of the picture that the model saw, in its pixels: the map covers exactly this. */
  readonly placement: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  } | null;
  readonly overlay: string | null;
  /** Null where inputs were not asked for. */
  readonly input: ReportInput | null;
  /** Map metric id -> number, null where it is not defined for this map (docs/metrics.md); null where there is no map. */
  readonly metrics: Numbers | null;
  readonly note: string | null;
}

export interface ReportSkipped {
  readonly path: string;
  readonly reason: string;
}

/** Options after defaults: enough to make the report again. */
export interface ReportOptions {
  readonly models: readonly string[];
  readonly images: readonly string[];
  readonly labels: string | null;
  readonly masks: string | null;
  readonly target: string;
  readonly layer: Readonly<Record<string, string>>;
  readonly method: readonly string[];
  readonly scale: string;
  readonly colormap: string;
  readonly alpha: number;
  readonly batch: number;
  readonly threads: number | null;
  /** The one that was taken, where `auto` was asked for. */
  readonly engine: string;
  /** What maps show besides layer, method and class; absent in reports of older versions, as are those below. */
  readonly signed?: boolean;
  readonly counterfactual?: boolean;
  readonly against?: string | null;
  readonly score?: string;
  readonly smooth?: readonly string[];
  /** Method -> setting -> value. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
  readonly seed?: number;
  /** Run id, or `*` for all -> what the command line said of the input. */
  readonly inputs: Readonly<Record<string, Partial<InputSpec>>>;
  readonly showInput: boolean;
  /** Ids of faithfulness metrics that were asked for. */
  readonly faithfulness: readonly string[];
  readonly sanity: boolean;
  readonly permuted: Readonly<Record<string, string>>;
}

/** What `compare` returns and writes as report.json. Paths are relative to its folder. */
export interface Report {
  readonly schema: 'gradcam/report@1';
  readonly tool: {
    readonly name: 'gradcam';
    readonly version: string;
    readonly libraries: Readonly<Record<string, string>>;
  };
  /** ISO 8601. */
  readonly created: string;
  /** The command line that makes this report again, quoted for a shell. */
  readonly command: string;
  readonly options: ReportOptions;
  readonly methods: readonly ReportMethod[];
  readonly runs: readonly ReportRun[];
  readonly samples: readonly ReportSample[];
  readonly cells: readonly ReportCell[];
  /** Map metrics over the samples, beside their baselines, and how alike maps are. */
  readonly mapMetrics: MapsSummary;
  /** Maps beside those of networks whose weights were drawn anew; null where that was not asked for. */
  readonly sanity: readonly SanityResult[] | null;
  /** How right the runs are on labelled pictures, where that was measured (`gradcam evaluate`). */
  readonly evaluation?: Evaluation;
  readonly skipped: readonly ReportSkipped[];
  /** Milliseconds: the making of the report but its own writing; of it, from the first batch on; of it, with an engine at work. */
  readonly timings: { readonly totalMs: number; readonly mapsMs: number; readonly inferenceMs: number };
  /** What a reader must know before comparing: differing heads, differing classes, synthetic data. */
  readonly warnings: readonly string[];
  /** What was found and taken without being asked for: labels, masks, folders left out. */
  readonly notes: readonly string[];
}
