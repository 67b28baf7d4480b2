// evaluation.json read again, checked as far as the report relies on it.
import { readFile } from 'node:fs/promises';
import { GradcamError } from '../../lib/errors.ts';
import { fileError } from '../../lib/files.ts';
import type { Evaluation } from './evaluation.ts';

/** Throws GradcamError: `fileError`'s where the file cannot be read, `bad-evaluation` where it is none of ours. */
export async function readEvaluation(file: string): Promise<Evaluation> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badEvaluation(file, 'text that is not JSON', cause);
  }
  if (isEvaluation(value)) return value;
  const schema = isRecord(value) ? value.schema : undefined;
  throw badEvaluation(
    file,
    typeof schema === 'string' && schema !== 'gradcam/evaluation@1'
      ? `the schema ${schema}`
      : 'fields missing or of another kind',
  );
}

function badEvaluation(file: string, found: string, cause?: unknown): GradcamError {
  return new GradcamError({
    code: 'bad-evaluation',
    what: `${file} is not an evaluation`,
    expected: 'an evaluation.json with the schema gradcam/evaluation@1',
    found,
    hint: 'make it with gradcam evaluate',
    cause,
  });
}

/** What the report shows is there and of its kind. */
function isEvaluation(value: unknown): value is Evaluation {
  if (!isRecord(value) || value.schema !== 'gradcam/evaluation@1') return false;
  const { data, options, runs, sections, skipped, warnings, command, tests, seeds } = value;
  if (!isRecord(data) || !isRecord(options) || typeof command !== 'string') return false;
  const classes: unknown = data.classes;
  if (!isListOf(classes, isText) || !isListOf(data.counts, isNumber) || classes.length !== data.counts.length)
    return false;
  const hasTexts = [data.root, data.dataset, data.title, data.split, data.splitWhy, options.interval].every(isText);
  const hasNumbers = [data.samples, options.bootstrap, options.level].every(isNumber);
  const hasLists = [skipped, sections].every(Array.isArray) && isListOf(warnings, isText);
  return (
    hasTexts &&
    hasNumbers &&
    hasLists &&
    isListOf(runs, (run): run is Fields => isRun(run, classes.length)) &&
    isListOf(sections, isSection) &&
    (tests === null || (isRecord(tests) && isListOf(tests.pairs, isPair))) &&
    (seeds === null || (isRecord(seeds) && isListOf(seeds.groups, isRecord) && isListOf(seeds.differences, isRecord)))
  );
}

type Fields = Readonly<Record<string, unknown>>;

function isRun(run: unknown, classes: number): run is Fields {
  if (!isRecord(run)) return false;
  const { perClass, intervals, confusion, calibration, weighted } = run;
  return (
    [run.run, run.name, run.sha256].every(isText) &&
    [run.accuracy, run.balancedAccuracy, run.precision, run.recall, run.f1, run.logitScale].every(isNumber) &&
    [run.auroc, run.averagePrecision, run.kappa, run.nll, run.brier, run.ece].every(isNumberOrNull) &&
    isRecord(weighted) &&
    isNumber(weighted.f1) &&
    isIntervals(intervals) &&
    isListOf(perClass, isClass) &&
    perClass.length === classes &&
    (confusion === null || isSquare(confusion, classes)) &&
    (calibration === null ||
      (isRecord(calibration) && isNumber(calibration.overconfidence) && isListOf(calibration.bins, isBin)))
  );
}

function isClass(value: unknown): value is Fields {
  if (!isRecord(value)) return false;
  const { precision, recall, f1, support, predicted, auroc, intervals } = value;
  return (
    isText(value.class) &&
    [precision, recall, f1, support, predicted].every(isNumber) &&
    isNumberOrNull(auroc) &&
    isIntervals(intervals)
  );
}

function isPair(value: unknown): value is Fields {
  if (!isRecord(value) || !isRecord(value.mcnemar)) return false;
  const { onlyFirst, onlySecond, exactP, adjustedP } = value.mcnemar;
  return [value.first, value.second].every(isText) && [onlyFirst, onlySecond, exactP, adjustedP].every(isNumber);
}

function isSection(value: unknown): value is Fields {
  if (!isRecord(value) || !isText(value.title) || !isListOf(value.notes, isText)) return false;
  return isListOf(
    value.tables,
    (table): table is Fields =>
      isRecord(table) &&
      isListOf(table.corners, isText) &&
      isListOf(table.columns, isRecord) &&
      isListOf(table.rows, isRecord),
  );
}

const isBin = (value: unknown): value is Fields =>
  isRecord(value) &&
  [value.low, value.high, value.count].every(isNumber) &&
  [value.confidence, value.accuracy].every(isNumberOrNull);

const isIntervals = (value: unknown): value is Fields =>
  isRecord(value) && Object.values(value).every((ends) => isListOf(ends, isNumber) && ends.length === 2);

const isSquare = (value: unknown, side: number): boolean =>
  isListOf(value, (row): row is number[] => isListOf(row, isNumber) && row.length === side) && value.length === side;

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value);

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
