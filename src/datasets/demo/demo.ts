// The demo set on disk: drawn once, opened afterwards. Long-tailed training pictures, balanced validation and test, lesions
// with several photographs, masks of lesions and of shortcuts. SYNTHETIC throughout, and every file beside it says so.
import { readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { formatCsv } from '../../lib/csv.ts';
import { GradcamError } from '../../lib/errors.ts';
import { systemCodeOf, writeFileAtomic } from '../../lib/files.ts';
import { parseJson } from '../../lib/json.ts';
import { ordered } from '../../lib/ordered.ts';
import { Random } from '../../lib/random.ts';
import { splitNamed, type Dataset, type DatasetItem, type DemoSpec, type SplitName } from '../dataset.ts';
import { columnOf, readTable } from '../table.ts';
import { openWorkers } from '../threads.ts';
import { demoClasses, trainCounts, type DemoClass } from './classes.ts';
import type { DrawJob } from './draw-job.ts';
import type { DemoPicture } from './draw.ts';

/** Counted up whenever the same seed draws other pictures. */
export const DEMO_VERSION = 1;

export const demoDefaults = { seed: 0, train: 3000, perClass: 40, size: 128 };

const SYNTHETIC =
  'SYNTHETIC pictures, drawn by a program (gradcam). None of them is a photograph; class codes are borrowed from HAM10000. ' +
  'Use them to try software, never to say anything about skin.';

interface Manifest extends Required<{ [K in keyof DemoSpec]: number }> {
  readonly version: number;
  readonly isComplete: boolean;
}

export interface DemoOptions extends DemoSpec {
  /** Folder of the set; created where it is missing. */
  readonly root: string;
  /** Threads that draw; default one for each core, at most 8. */
  readonly workers?: number | undefined;
  /** Told after each picture. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Opens the demo set in `root`, drawing it first where it is not there or was interrupted. What is asked for must be what
 * lies there; what is left open is taken as it lies there.
 * Throws GradcamError `demo-differs`, or `folder-in-use` where `root` holds other things.
 */
export async function openDemo(options: DemoOptions): Promise<Dataset> {
  const { root } = options;
  const found = await readManifest(root);
  const asked = { seed: options.seed, train: options.train, perClass: options.perClass, size: options.size };
  const manifest = found ?? { ...demoDefaults, ...defined(asked), version: DEMO_VERSION, isComplete: false };
  requireSame(root, manifest, asked);
  requireCounts(manifest);
  if (!manifest.isComplete) await drawAll(manifest, options);
  return readDemo(root, manifest);
}

/** Every picture of a set, in the order of its numbers. */
export function listDemo({ seed, train, perClass, size }: Omit<Manifest, 'version' | 'isComplete'>): DemoPicture[] {
  const counts = trainCounts(train);
  const sets: readonly { split: SplitName; count: (name: DemoClass) => number }[] = [
    { split: 'train', count: (name) => counts[name] },
    { split: 'val', count: () => perClass },
    { split: 'test', count: () => perClass },
  ];
  return sets.flatMap(({ split, count }) =>
    demoClasses.flatMap((name) => photographs(seed, split, name, count(name)).map((one) => ({ ...one, height: size }))),
  );
}

/** In training one lesion in five has two or three photographs; validation and test have one of each lesion. */
function photographs(seed: number, split: SplitName, name: DemoClass, count: number): Omit<DemoPicture, 'height'>[] {
  const random = Random.of(seed, 'demo photographs', split, name);
  const found: Omit<DemoPicture, 'height'>[] = [];
  for (let lesion = 0; found.length < count; lesion++) {
    const draw = random.unit();
    const photos = split !== 'train' || draw < 0.8 ? 1 : draw < 0.95 ? 2 : 3;
    for (let photo = 0; photo < photos && found.length < count; photo++)
      found.push({ seed, split, name, lesion, photo });
  }
  return found;
}

async function drawAll(manifest: Manifest, { root, workers, onProgress }: DemoOptions): Promise<void> {
  const manifestFile = join(root, 'manifest.json');
  await writeFileAtomic(manifestFile, manifestText({ ...manifest, isComplete: false }));
  await writeFileAtomic(join(root, 'README.txt'), `${SYNTHETIC}\n`);
  const pictures = listDemo(manifest);
  const crew = openWorkers(workers ?? Math.min(8, availableParallelism()));
  const rows = [['image_id', 'lesion_id', 'dx', 'split', 'image', 'mask', 'patch', 'ruler', 'atypical_like', 'drawn']];
  try {
    const numbered = pictures.map((picture, index) => ({ picture, id: `SYN_${String(index + 1).padStart(5, '0')}` }));
    const facts = ordered(numbered, 4 * crew.size, ({ picture, id }) => crew.run('draw', jobOf(root, picture, id)));
    for await (const { like, patch, ruler, drawn } of facts) {
      const { picture, id } = numbered[rows.length - 1]!;
      const { split, name, lesion } = picture;
      const place = [`${split}/${name}/${id}.jpg`, `masks/${id}_segmentation.png`];
      const numbers = [patch, ruler].map((has) => (has ? '1' : '0'));
      rows.push([id, `SYN_${split}_${name}_${lesion}`, name, split, ...place, ...numbers, like ?? '', drawn.join('|')]);
      onProgress?.(rows.length - 1, pictures.length);
    }
  } finally {
    await crew.close();
  }
  await writeFileAtomic(join(root, 'labels.csv'), formatCsv(rows));
  await writeFileAtomic(manifestFile, manifestText({ ...manifest, isComplete: true }));
}

function jobOf(root: string, picture: DemoPicture, id: string): DrawJob {
  return {
    picture,
    file: join(root, picture.split, picture.name, `${id}.jpg`),
    mask: join(root, 'masks', `${id}_segmentation.png`),
    cue: join(root, 'cue_masks', `${id}_cue.png`),
  };
}

async function readDemo(root: string, { seed, version }: Manifest): Promise<Dataset> {
  const table = await readTable(join(root, 'labels.csv'));
  const at = (name: string) => columnOf(table, [name]);
  const [id, dx, group, split, image, mask] = ['imageid', 'dx', 'lesionid', 'split', 'image', 'mask'].map(at);
  const items = table.rows.map((cells): DatasetItem => ({
    id: cells[id!]!,
    path: join(root, cells[image!]!),
    label: demoClasses.indexOf(cells[dx!] as DemoClass),
    labels: null,
    group: cells[group!]!,
    split: splitNamed(cells[split!]!),
    mask: join(root, cells[mask!]!),
  }));
  return {
    id: 'demo',
    title: 'Synthetic dermoscopy',
    root,
    classes: demoClasses,
    items,
    multiLabel: false,
    synthetic: true,
    licence: 'Drawn by this program: Apache-2.0, as the program itself',
    citation: null,
    skipped: [],
    warnings: [],
    notes: [`${SYNTHETIC} Seed ${seed}, version ${version}.`],
  };
}

/** null where nothing is there yet. */
async function readManifest(root: string): Promise<Manifest | null> {
  const text = await readFile(join(root, 'manifest.json'), 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) {
    await requireEmpty(root);
    return null;
  }
  const parsed = parseJson(text);
  const value = parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? parsed.value : {};
  const numbers = new Map(Object.entries(value));
  const number = (name: string): number => {
    const found: unknown = numbers.get(name);
    if (typeof found === 'number') return found;
    throw notOurs(root, 'a manifest.json of another program');
  };
  const isThere = await stat(join(root, 'labels.csv')).then(
    () => true,
    () => false,
  );
  return {
    version: number('version'),
    seed: number('seed'),
    train: number('train'),
    perClass: number('perClass'),
    size: number('size'),
    isComplete: numbers.get('isComplete') === true && isThere,
  };
}

function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ generator: 'gradcam demo', synthetic: true, about: SYNTHETIC, ...manifest }, null, 1)}\n`;
}

async function requireEmpty(root: string): Promise<void> {
  const names = await readdir(root).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const others = names.filter((name) => !name.startsWith('.'));
  if (others.length > 0) throw notOurs(root, others.slice(0, 3).join(', '));
}

function notOurs(root: string, found: string): GradcamError {
  return new GradcamError({
    code: 'folder-in-use',
    what: `the demo set cannot be drawn into ${root}`,
    expected: 'an empty folder, one that does not exist, or a demo set drawn before',
    found,
    hint: 'name another folder with --data',
  });
}

function requireSame(root: string, found: Manifest, asked: DemoSpec): void {
  const wanted = { version: DEMO_VERSION, ...defined(asked) };
  const other = Object.entries(wanted).filter(([name, value]) => found[name as keyof Manifest] !== value);
  if (other.length === 0) return;
  throw new GradcamError({
    code: 'demo-differs',
    what: `another demo set lies in ${root}`,
    expected: other.map(([name, value]) => `${name} ${value}`).join(', '),
    found: other.map(([name]) => `${name} ${String(found[name as keyof Manifest])}`).join(', '),
    hint: 'name another folder with --data, or remove this one',
  });
}

function requireCounts({ seed, train, perClass, size }: Manifest): void {
  const isFit = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value <= high;
  if (Number.isInteger(seed) && isFit(train, 7, 1e6) && isFit(perClass, 1, 1e5) && isFit(size, 16, 2048)) return;
  throw new GradcamError({
    code: 'bad-demo',
    what: 'a demo set of this kind cannot be drawn',
    expected: 'seed: a whole number; train: 7 to 1000000; perClass: 1 to 100000; size: 16 to 2048',
    found: `seed ${seed}, train ${train}, perClass ${perClass}, size ${size}`,
  });
}

function defined(spec: DemoSpec): { [K in keyof DemoSpec]?: number } {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
}
