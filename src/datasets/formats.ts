// The table of dataset formats. A new one is a file in formats/ and a line here.
import type { DatasetFormat } from './dataset.ts';
import { csv } from './formats/csv.ts';
import { demo } from './formats/demo.ts';
import { imagefolder } from './formats/imagefolder.ts';

export const datasets = {
  demo,
  imagefolder,
  csv,
} as const satisfies Record<string, DatasetFormat>;

export type DatasetId = keyof typeof datasets;
