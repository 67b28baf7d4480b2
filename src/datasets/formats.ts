// The table of dataset formats. A new one is a file in formats/ and a line here.
import type { DatasetFormat } from './dataset.ts';
import { csv } from './formats/csv.ts';
import { demo } from './formats/demo.ts';
import { ham10000 } from './formats/ham10000.ts';
import { imagefolder } from './formats/imagefolder.ts';
import { isic2019 } from './formats/isic2019.ts';
import { odir5k } from './formats/odir5k.ts';

/** Dataset formats by the ids that `dataset` takes. */
export const datasets = {
  demo,
  imagefolder,
  csv,
  ham10000,
  isic2019,
  odir5k,
} as const satisfies Record<string, DatasetFormat>;

/** Id of a dataset format. */
export type DatasetId = keyof typeof datasets;
