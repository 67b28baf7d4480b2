// report.json on disk -> Report, checked as far as what follows relies on it.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GradcamError } from '../lib/errors.ts';
import { fileError } from '../lib/files.ts';
import { parseJson } from '../lib/json.ts';
import type { Report } from './report.ts';

export interface ReadReport {
  readonly report: Report;
  /** The file that was read. */
  readonly file: string;
  /** The folder that the report's paths are relative to. */
  readonly folder: string;
}

/**
 * Reads a report, given as `report.json` or as the folder that it lies in. Throws GradcamError: `no-such-file` and the like,
 * `bad-report` for a file that is no report of this schema.
 */
export async function readReport(path: string): Promise<ReadReport> {
  const file = await fileOf(path);
  const bytes = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(error, file, 'read');
  });
  const parsed = parseJson(bytes);
  const bad = (expected: string, found: string): GradcamError =>
    new GradcamError({
      code: 'bad-report',
      what: `${file} is no report of gradcam`,
      expected,
      found,
      hint: 'give the report.json that gradcam compare wrote',
    });
  if (!parsed.ok) {
    const { line, column, expected, found } = parsed.problem;
    throw bad(`JSON; ${expected} on line ${line}, column ${column}`, found);
  }
  const missing = missingFrom(parsed.value);
  if (missing !== null) throw bad(...missing);
  return { report: parsed.value as Report, file, folder: dirname(file) };
}

async function fileOf(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'report.json') : path;
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

const lists = ['runs', 'methods', 'samples', 'cells'] as const;

/** What a report has and this value has not: expected, found; null where nothing is amiss. */
function missingFrom(value: unknown): [expected: string, found: string] | null {
  if (!isRecord(value)) return ['an object', Array.isArray(value) ? 'a list' : typeof value];
  if (value.schema !== 'gradcam/report@1')
    return ['the schema gradcam/report@1', value.schema === undefined ? 'no schema' : JSON.stringify(value.schema)];
  for (const list of lists) {
    const items = value[list];
    if (!Array.isArray(items) || !items.every(isRecord)) return [`a list of objects under ${list}`, typeof items];
  }
  return isRecord(value.options) ? null : ['an object under options', typeof value.options];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
