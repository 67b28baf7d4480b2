// One model, one line of the report: `explain` is `compare` with a single run.
import { compare } from './compare.ts';
import type { OnProgress } from './events.ts';
import type { CompareSpec } from './options.ts';
import type { Report } from './report/report.ts';

/** What `compare` takes, with one model: a file, or a folder with one in it. */
export type ExplainSpec = Omit<CompareSpec, 'models'> & { readonly model: string };

/** Maps and overlays of one model, in the same output folder as `compare` writes. Throws GradcamError. */
export function explain({ model, ...rest }: ExplainSpec, onProgress?: OnProgress): Promise<Report> {
  return compare({ ...rest, models: [model] }, onProgress);
}
