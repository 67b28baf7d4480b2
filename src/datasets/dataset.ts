// The seam of datasets: pictures with labels as they lie on disk, found and put together, never decoded. The table is
// formats.ts.
import { GradcamError } from '../lib/errors.ts';
import { formatCount, formatList } from '../lib/format.ts';

/** The parts that a dataset is divided into. */
export type SplitName = 'train' | 'val' | 'test';
export const splitNames: readonly SplitName[] = ['train', 'val', 'test'];

/** A picture with its label. */
export interface DatasetItem {
  /** Unique in its dataset. */
  readonly id: string;
  /** The picture's file. */
  readonly path: string;
  /** Index in `classes`; -1 in a multi-label dataset. */
  readonly label: number;
  /** 0 or 1 for each class, in a multi-label dataset; null in others. */
  readonly labels: readonly number[] | null;
  /** Lesion or patient: pictures of one never lie in two splits. null: a group of its own. */
  readonly group: string | null;
  /** As the data itself says; null where it says nothing, or after nobody has split yet. */
  readonly split: SplitName | null;
  /** File of the mask of lesion or object. */
  readonly mask: string | null;
}

export interface SkippedItem {
  readonly path: string;
  readonly reason: string;
}

/** A dataset that was opened. */
export interface Dataset {
  /** Id of its format. */
  readonly id: string;
  readonly title: string;
  readonly root: string;
  /** Index -> name. The order is part of the data: it travels with every run trained on it. */
  readonly classes: readonly string[];
  readonly items: readonly DatasetItem[];
  readonly multiLabel: boolean;
  /** Drawn by a program: whoever shows it says so. */
  readonly synthetic: boolean;
  readonly licence: string | null;
  readonly citation: string | null;
  readonly skipped: readonly SkippedItem[];
  /** Sentences about what may be wrong. */
  readonly warnings: readonly string[];
  /** Sentences about what was found and how it was read. */
  readonly notes: readonly string[];
}

/** What a label of ODIR-5K is: the class of an eye, those of a patient, or those that an eye's keywords name. */
export const odirLabelKinds = ['eye', 'patient', 'keywords'] as const;
export type OdirLabels = (typeof odirLabelKinds)[number];

/** What to open; formats take what applies to them. */
export interface DatasetSpec {
  /** Folder or table, as `--data` names it. */
  readonly root: string;
  /** Index -> name, where an order is given: labels are put into it. */
  readonly classes?: readonly string[] | undefined;
  /** Folder of masks; where not given they are looked for beside the pictures. */
  readonly masks?: string | undefined;
  /** csv: column of file names or ids. */
  readonly imageCol?: string | undefined;
  /** csv: column of labels, or several with a 0 or 1 each. */
  readonly labelCol?: string | readonly string[] | undefined;
  /** csv: column of lesions or patients. */
  readonly groupCol?: string | undefined;
  /** csv: column of splits. */
  readonly splitCol?: string | undefined;
  /** csv: stands between several labels of one picture. */
  readonly labelSeparator?: string | undefined;
  /** odir5k: what is a label (see formats/odir5k.ts). */
  readonly odirLabels?: OdirLabels | undefined;
  /** demo: seed, pictures and their size (see demo/demo.ts). */
  readonly demo?: DemoSpec | undefined;
  /** Told while pictures are drawn. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface DemoSpec {
  readonly seed?: number | undefined;
  /** Training pictures, about; long-tailed over the classes as HAM10000 is. Default 3000. */
  readonly train?: number | undefined;
  /** Pictures of each class in validation and test, each. Default 40. */
  readonly perClass?: number | undefined;
  /** Side of the pictures in pixels. Default 128. */
  readonly size?: number | undefined;
}

/** A way in which datasets lie on disk. */
export interface DatasetFormat {
  readonly id: string;
  readonly title: string;
  /** Throws GradcamError where nothing can be made of what lies there. */
  readonly open: (spec: DatasetSpec) => Promise<Dataset>;
}

/** `train`, `Training`, `valid`, `dev`... as one of three; null for other words. */
export function splitNamed(word: string): SplitName | null {
  const plain = word.trim().toLowerCase();
  if (/^(train|training|trn|tr)$/.test(plain)) return 'train';
  if (/^(val|valid|validation|validate|dev|eval)$/.test(plain)) return 'val';
  if (/^(test|testing|tst|holdout)$/.test(plain)) return 'test';
  return null;
}

/** Items of each class; an item of a multi-label dataset counts in each of its classes. */
export function countClasses(items: readonly DatasetItem[], classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const { label, labels } of items) {
    if (labels === null) counts[label]! += 1;
    else for (const [index, value] of labels.entries()) counts[index]! += value;
  }
  return counts;
}

/** Order of code points, as Python sorts: class folders get the same indices as in torchvision and Keras. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)); // UTF-8 keeps the order of code points
}

/**
 * The dataset with its labels in another class list, that of a model: names are equal but for case and surrounding blanks.
 * Classes of the dataset that no item has may be missing there.
 * Throws GradcamError `classes-do-not-fit` where a class with items is not in the list.
 */
export function fitClasses(dataset: Dataset, classes: readonly string[], owner: string): Dataset {
  const folded = classes.map((name) => name.trim().toLowerCase());
  const places = dataset.classes.map((name) =>
    classes.includes(name) ? classes.indexOf(name) : folded.indexOf(name.trim().toLowerCase()),
  );
  const counts = countClasses(dataset.items, dataset.classes.length);
  const missing = dataset.classes.filter((_, index) => places[index] === -1 && counts[index]! > 0);
  if (missing.length > 0) {
    throw new GradcamError({
      code: 'classes-do-not-fit',
      what: `the classes of ${dataset.root} do not fit those of ${owner}`,
      expected: `labels among ${formatList(classes, 12)}`,
      found: `${formatList(missing, 12)} (${formatCount(
        dataset.classes.reduce((sum, name, index) => sum + (missing.includes(name) ? counts[index]! : 0), 0),
        'picture',
      )})`,
      hint: 'name the classes alike, or leave out the pictures of classes that the model does not know',
    });
  }
  const items = dataset.items.map((item) => {
    if (item.labels === null) return { ...item, label: places[item.label]! };
    const labels = classes.map((_, index) => (item.labels?.[places.indexOf(index)] === 1 ? 1 : 0));
    return { ...item, labels };
  });
  return { ...dataset, classes: [...classes], items };
}
