// The pictures of an evaluation: a dataset opened, and of it the split to evaluate on, by the data itself or by what the
// runs wrote down when they were trained.
import { stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { findLabels } from '../data/labels.ts';
import { collectSamples } from '../data/samples.ts';
import type { RunPath } from '../data/models.ts';
import { splitNamed, splitNames, type Dataset, type DatasetItem, type SplitName } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open.ts';
import { columnOf, readTable } from '../datasets/table.ts';
import type { OnProgress } from '../events.ts';
import { GradcamError } from '../lib/errors.ts';
import { formatCount, formatList } from '../lib/format.ts';
import type { EvaluateOptions, SplitChoice } from './options.ts';

export interface EvaluationData {
  /** The dataset with the chosen items only. */
  readonly dataset: Dataset;
  readonly split: { readonly name: SplitChoice; readonly why: string };
  /** Per run id: pictures of the evaluation that it was trained on, by its own split.csv. */
  readonly trainedOn: ReadonlyMap<string, number>;
}

/** Splits of one run, by picture id. */
type RunSplits = ReadonlyMap<string, SplitName>;

/**
 * Opens the data and chooses the split. Throws GradcamError where the data cannot be read (see `openDataset`), has no
 * labels (`no-labels`), or has no picture in the split asked for (`no-such-split`).
 */
export async function openEvaluationData(
  options: EvaluateOptions,
  runs: readonly RunPath[],
  onProgress: OnProgress,
): Promise<EvaluationData> {
  const dataset = await openData(options, onProgress);
  const ids = new Set(dataset.items.map(({ id }) => id));
  const splits = new Map<string, RunSplits>();
  for (const run of runs) {
    const found = await readRunSplits(run.path, ids);
    if (found !== null) splits.set(run.id, found);
  }
  const chosen = chooseSplit(dataset, [...splits.values()], options);
  const trained = [...splits].map(
    ([id, of]) => [id, chosen.items.filter((item) => of.get(item.id) === 'train').length] as const,
  );
  return {
    dataset: { ...dataset, items: chosen.items },
    split: { name: chosen.name, why: chosen.why },
    trainedOn: new Map(trained.filter(([, count]) => count > 0)),
  };
}

async function openData(options: EvaluateOptions, tell: OnProgress): Promise<Dataset> {
  const { data, dataset, labels, imageCol, labelCol, groupCol, splitCol, labelSeparator, odirLabels } = options;
  if (labels !== undefined && dataset === undefined) return picturesWithLabels(data, labels);
  const format = dataset ?? ((await isTable(data)) ? 'csv' : 'imagefolder');
  let drawn = 0;
  const onProgress = (done: number, total: number): void => {
    if (drawn === 0) tell({ kind: 'started', what: 'pictures of the demo', total });
    tell({ kind: 'progress', cells: done - drawn });
    drawn = done;
  };
  const columns = { imageCol, labelCol, groupCol, splitCol, labelSeparator };
  return openDataset(format, { root: data, ...columns, odirLabels, onProgress });
}

const TABLES = ['labels.csv', 'metadata.csv', 'train.csv', 'test.csv', 'labels.tsv', 'metadata.tsv'];

/** A table by its name, or a folder with one of the usual tables in it. */
async function isTable(path: string): Promise<boolean> {
  if (['.csv', '.tsv'].includes(extname(path).toLowerCase())) return true;
  const found = await Promise.all(TABLES.map((name) => isFile(join(path, name))));
  return found.some(Boolean);
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isFile(),
    () => false,
  );

/** Pictures in one place, their labels in a table that lies anywhere. */
async function picturesWithLabels(data: string, table: string): Promise<Dataset> {
  const list = await collectSamples([data]);
  const { labels, notes } = await findLabels(list, { file: table, classes: [] });
  const classes = [...new Set(labels.values())].sort();
  if (classes.length === 0)
    throw new GradcamError({
      code: 'no-labels',
      what: `${table} has no label for any picture in ${data}`,
      expected: 'file names or ids of the pictures, and a class for each',
      hint: 'see that the names in the table are those of the files',
    });
  const items = list.samples.flatMap(({ id, path }): DatasetItem[] => {
    const label = labels.get(id);
    if (label === undefined) return [];
    return [{ id, path, label: classes.indexOf(label), labels: null, group: null, split: null, mask: null }];
  });
  return {
    id: 'labels',
    title: 'Pictures with a table of labels',
    root: data,
    classes,
    items,
    multiLabel: false,
    synthetic: false,
    licence: null,
    citation: null,
    skipped: list.skipped,
    warnings: [],
    notes: [...list.notes, ...notes],
  };
}

/** What the split.csv beside a run says of these pictures; null where there is none, or it speaks of others. */
async function readRunSplits(path: string, ids: ReadonlySet<string>): Promise<RunSplits | null> {
  const folder = (await isFile(path)) ? dirname(path) : path;
  const file = join(folder, 'split.csv');
  if (!(await isFile(file))) return null;
  const table = await readTable(file);
  const [id, split] = [columnOf(table, ['id']), columnOf(table, ['split'])];
  const splits = new Map<string, SplitName>();
  for (const cells of table.rows) {
    const name = splitNamed(cells[split] ?? '');
    if (name !== null && ids.has(cells[id] ?? '')) splits.set(cells[id]!, name);
  }
  return splits.size === 0 ? null : splits;
}

interface Chosen {
  readonly name: SplitChoice;
  readonly why: string;
  readonly items: readonly DatasetItem[];
}

function chooseSplit(dataset: Dataset, ofRuns: readonly RunSplits[], { split, data }: EvaluateOptions): Chosen {
  const everything = (why: string): Chosen => ({ name: 'all', why, items: dataset.items });
  if (split === 'all') return everything('as asked for');
  const own = (name: SplitName): DatasetItem[] => dataset.items.filter((item) => item.split === name);
  const common = (name: SplitName): DatasetItem[] =>
    ofRuns.length === 0 ? [] : dataset.items.filter((item) => ofRuns.every((splits) => splits.get(item.id) === name));
  const runsSay = `of the split.csv beside ${formatCount(ofRuns.length, 'run')}`;
  for (const name of split === undefined ? (['test', 'val'] as const) : [split]) {
    const items = own(name);
    if (items.length > 0) {
      const why =
        split !== undefined ? 'as asked for' : name === 'test' ? 'the data has it' : 'the data has no test split';
      return { name, why, items };
    }
    const agreed = common(name);
    if (agreed.length > 0) return { name, why: `the ${name} split ${runsSay}`, items: agreed };
  }
  if (split === undefined) return everything('neither the data nor a run names splits');
  const found = splitNames.filter((name) => own(name).length > 0 || common(name).length > 0);
  throw new GradcamError({
    code: 'no-such-split',
    what: `no picture of ${data} is in the split ${split}`,
    expected: `pictures that the data, or split.csv beside the runs, puts into ${split}`,
    found: found.length === 0 ? 'no splits' : `the splits ${formatList(found)}`,
    hint: '--split all takes every picture',
  });
}
