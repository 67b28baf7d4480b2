// What happened in each epoch, as history.csv.
import { formatCsv } from '../lib/csv.ts';
import { writeFileAtomic } from '../lib/files.ts';

export interface EpochRow {
  /** Counted from 1. */
  readonly epoch: number;
  /** Steps taken so far. */
  readonly step: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Means over the epoch, while the parameters changed. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly gradientNorm: number;
  /** After the epoch; null where there is nothing to validate on. */
  readonly valLoss: number | null;
  readonly valAccuracy: number | null;
  readonly valMacroF1: number | null;
  /** Whether it is the best so far. */
  readonly best: boolean;
  /** Of the steps, without validation. */
  readonly seconds: number;
  readonly picturesPerSecond: number;
  /** Share of that time in which a step was running: the rest was spent waiting for pictures. */
  readonly busy: number;
}

const COLUMNS = [
  'epoch', 'step', 'learningRate', 'trainLoss', 'trainAccuracy', 'gradientNorm', 'valLoss', 'valAccuracy', 'valMacroF1',
  'best', 'seconds', 'picturesPerSecond', 'busy',
] as const satisfies readonly (keyof EpochRow)[]; // prettier-ignore

/** Writes all rows, a header first; numbers with at most seven significant digits. */
export async function writeHistory(file: string, rows: readonly EpochRow[]): Promise<void> {
  await writeFileAtomic(file, formatCsv([COLUMNS, ...rows.map((row) => COLUMNS.map((name) => cellOf(row[name])))]));
}

function cellOf(value: number | boolean | null): string {
  if (value === null) return '';
  return typeof value === 'number' ? String(Number(value.toPrecision(7))) : String(Number(value));
}
