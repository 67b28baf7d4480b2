// Ids of the dataset formats without the formats themselves: help and checks of options load nothing of them.
import type { DatasetId } from './formats.ts';

/** Type-checked against the table both ways: a format missing here does not compile, nor does one too many. */
const known: Record<DatasetId, true> = {
  demo: true,
  imagefolder: true,
  csv: true,
  ham10000: true,
  isic2019: true,
  odir5k: true,
};

export const datasetIds = Object.keys(known) as readonly DatasetId[];
