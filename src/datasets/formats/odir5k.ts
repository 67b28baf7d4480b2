// ODIR-5K: fundus pictures of both eyes of 3,500 patients, as the challenge (a workbook) and Kaggle (full_df.csv) give it.
import { basename } from 'node:path';
import { GradcamError } from '../../lib/errors.ts';
import { formatCount } from '../../lib/format.ts';
import { assemblePublished, findPublished, noTable, tablesNamed, type IdRow } from '../by-id.ts';
import type { DatasetFormat, DatasetSpec, OdirLabels } from '../dataset.ts';
import { classesOfKeywords, odirClasses, type OdirClass } from '../fundus-keywords.ts';
import { badTable, columnOf, pythonList, readTable, textOrNull, type Table } from '../table.ts';

/** Per-eye labels go before the workbook; a workbook saved as CSV is one too. */
const TABLES = [
  /^full_df.*\.(csv|xlsx)$/i,
  /^(data|ODIR.*Annotations.*)\.csv$/i,
  /^(data|ODIR.*Annotations.*)\.xlsx$/i,
];

/** Names of the class columns, original and of mirrors, plain. */
const CLASS_COLUMNS: Readonly<Record<OdirClass, readonly string[]>> = {
  N: ['n', 'normal'],
  D: ['d', 'diabetes', 'diabetic'],
  G: ['g', 'glaucoma'],
  C: ['c', 'cataract'],
  A: ['a', 'agerelatedmaculardegeneration', 'amd'],
  H: ['h', 'hypertension'],
  M: ['m', 'pathologicalmyopia', 'myopia'],
  O: ['o', 'otherdiseasesabnormalities', 'otherdiseases', 'others', 'other'],
};

/**
 * What a label is: `eye`, the one class of each eye in full_df.csv (its columns `labels`, `target`; single-label, as the
 * LMF paper uses it); `keywords`, all classes of each eye by its diagnostic keywords (multi-label); `patient`, the columns
 * N to O, which join both eyes of a patient (multi-label). Default: `eye` where the table has it, else `keywords`.
 * Groups are patients. Pictures without labels (`Testing Images`) and preprocessed copies are passed over.
 */
export const odir5k: DatasetFormat = {
  id: 'odir5k',
  title: 'ODIR-5K',
  async open(spec) {
    const files = await findPublished(spec.root, /preprocessed/i);
    const file = TABLES.map((pattern) => tablesNamed(files, pattern)[0]).find((name) => name !== undefined);
    const expected = 'full_df.csv, or ODIR-5K_Training_Annotations(Updated)_V2.xlsx or data.xlsx, and the pictures';
    if (file === undefined)
      throw noTable(spec.root, 'ODIR-5K', expected, files, 'point --data at the folder that holds table and pictures');
    const table = await readTable(file);
    const columns = settle(table);
    const kind = labelKind(spec, table, columns);
    const eyes = eyesOf(table, columns);
    const rows = eyes.map((eye): IdRow => ({
      name: eye.name,
      names: labelsOf(eye, kind),
      group: eye.patient,
      split: null,
    }));
    const pictures = files.pictures.filter((path) => !/testing[ _]images/i.test(path));
    return assemblePublished(
      {
        format: odir5k,
        classes: odirClasses,
        multiLabel: kind !== 'eye',
        rows,
        files: { ...files, pictures },
        notes: [...files.notes, ...notesOn(kind, file, eyes, files.pictures.length - pictures.length)],
        licence: 'Terms of the ODIR-2019 challenge (odir2019.grand-challenge.org); research use',
        citation: 'Peking University International Competition on Ocular Disease Intelligent Recognition (ODIR-2019)',
        expected,
      },
      spec,
    );
  },
};

interface Eye {
  /** File name of the picture. */
  readonly name: string;
  readonly patient: string | null;
  readonly keywords: string;
  /** Cell of `labels` or `target`; empty where the table has neither. */
  readonly label: string;
  /** Cells of N to O. */
  readonly patientLabels: readonly OdirClass[];
}

/** Indices of columns; -1 for none. */
interface OdirColumns {
  readonly id: number;
  readonly file: number;
  readonly label: number;
  readonly left: number;
  readonly right: number;
  readonly leftWords: number;
  readonly rightWords: number;
  readonly classes: readonly number[];
}

function settle(table: Table): OdirColumns {
  const of = (...names: string[]) => columnOf(table, names);
  const columns: OdirColumns = {
    id: of('id', 'patientid'),
    file: of('filename', 'filepath', 'fundus', 'image'),
    label: of('labels', 'label', 'target'),
    left: of('leftfundus'),
    right: of('rightfundus'),
    leftWords: of('leftdiagnostickeywords', 'diagnostickeywords', 'keywords'),
    rightWords: of('rightdiagnostickeywords', 'diagnostickeywords', 'keywords'),
    classes: odirClasses.map((name) => of(...CLASS_COLUMNS[name])),
  };
  if (columns.id !== -1 && (columns.file !== -1 || columns.left !== -1)) return columns;
  throw badTable(table.file, 'the columns ID and Left-Fundus, Right-Fundus or filename', table.header.join(', '));
}

function labelKind({ odirLabels }: DatasetSpec, table: Table, { label, leftWords, classes }: OdirColumns): OdirLabels {
  const can = { eye: label !== -1, keywords: leftWords !== -1, patient: !classes.includes(-1) };
  const kind = odirLabels ?? (['eye', 'keywords', 'patient'] as const).find((one) => can[one]) ?? 'eye';
  if (can[kind]) return kind;
  throw new GradcamError({
    code: 'bad-labels',
    what: `${basename(table.file)} has no labels by ${kind}`,
    expected: { eye: 'a column labels or target', keywords: 'columns of keywords', patient: 'columns N to O' }[kind],
    found: table.header.join(', '),
    hint: kind === 'eye' ? 'labels of single eyes are in full_df.csv of the Kaggle archive' : undefined,
  });
}

/** A row is an eye where it names one file, else both eyes of a patient. */
function eyesOf(table: Table, columns: OdirColumns): Eye[] {
  return table.rows.flatMap((cells) => {
    const cell = (index: number) => cells[index] ?? '';
    const patientLabels = odirClasses.filter((_, index) => Number(cell(columns.classes[index]!)) === 1);
    const shared = { patient: textOrNull(cell(columns.id)), label: cell(columns.label), patientLabels };
    if (columns.file !== -1) {
      const name = basename(cell(columns.file).replaceAll('\\', '/'));
      const isLeft = /_left/i.test(name);
      return [{ ...shared, name, keywords: cell(isLeft ? columns.leftWords : columns.rightWords) }];
    }
    return [
      { ...shared, name: cell(columns.left), keywords: cell(columns.leftWords) },
      { ...shared, name: cell(columns.right), keywords: cell(columns.rightWords) },
    ];
  });
}

function labelsOf(eye: Eye, kind: OdirLabels): readonly string[] | null {
  if (kind === 'patient') return eye.patientLabels.length === 0 ? null : eye.patientLabels;
  return kind === 'keywords' ? classesOfKeywords(eye.keywords) : eyeLabel(eye.label);
}

/** `['N']`, `[1, 0, 0, 0, 0, 0, 0, 0]` or `N`. */
function eyeLabel(cell: string): string[] | null {
  const parts = pythonList(cell) ?? [cell.trim()];
  const isTarget = parts.length === odirClasses.length && parts.every((part) => /^[01](\.0)?$/.test(part));
  const names = isTarget ? odirClasses.filter((_, index) => Number(parts[index]) === 1) : parts;
  const [name, ...more] = odirClasses.filter((one) => names.includes(one));
  return name !== undefined && more.length === 0 ? [name] : null;
}

function notesOn(kind: OdirLabels, file: string, eyes: readonly Eye[], untold: number): string[] {
  const notes = [`Labels by ${kind}, from ${basename(file)}; splits keep patients whole.`];
  if (untold > 0) notes.push(`${formatCount(untold, 'picture')} in Testing Images have no labels: left out.`);
  if (kind === 'patient')
    notes.push('N to O join both eyes of a patient: a healthy eye may bear the label of the other.');
  if (kind === 'eye') {
    const other = eyes.filter(({ label, patientLabels }) => {
      const [own] = eyeLabel(label) ?? [];
      return own !== undefined && patientLabels.length > 0 && !patientLabels.some((name) => name === own);
    });
    if (other.length > 0)
      notes.push(`${formatCount(other.length, 'eye')} with a label that its patient's columns N to O do not have.`);
    const several = eyes.filter(({ keywords }) => (classesOfKeywords(keywords)?.length ?? 0) > 1).length;
    if (several > 0)
      notes.push(
        `${formatCount(several, 'eye')} have keywords of several classes; labels by keywords tell all of them.`,
      );
  }
  return notes;
}
