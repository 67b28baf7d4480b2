// Folders named after classes, `<data>/<class>/x.jpg`, or after splits with classes inside, `<data>/train/<class>/x.jpg`.
import { relative, sep } from 'node:path';
import { formatList } from '../../lib/format.ts';
import { assembleDataset, leftOut, type NamedItem } from '../assemble.ts';
import { byCodePoint, splitNamed, type DatasetFormat, type SkippedItem } from '../dataset.ts';
import { findFiles, idsOf } from '../pictures.ts';

/**
 * Class order: code points, as torchvision's ImageFolder and Keras have it. Folders inside those of classes belong to them.
 * A folder of masks is none of the classes: `findFiles` tells it from one that is only called so.
 */
export const imagefolder: DatasetFormat = {
  id: 'imagefolder',
  title: 'Folders named after classes',
  async open(spec) {
    const files = await findFiles(spec.root);
    const placed = files.pictures.map((path) => ({ path, parts: relative(spec.root, path).split(sep).slice(0, -1) }));
    const inSplits = hasSplitFolders(placed.map(({ parts }) => parts));
    const found: Omit<NamedItem, 'id'>[] = [];
    const unlabelled: string[] = [];
    const outside = new Set<string>();
    for (const { path, parts } of placed) {
      const split = inSplits ? splitNamed(parts[0] ?? '') : null;
      const name = inSplits ? parts[1] : parts[0];
      if (inSplits && split === null && parts[0] !== undefined) outside.add(parts[0]);
      if (name === undefined || (inSplits && split === null)) unlabelled.push(path);
      else found.push({ path, names: [name], group: null, split });
    }
    const ids = idsOf(found.map(({ path }) => path));
    const classes = new Set(found.flatMap(({ names }) => names));
    for (const name of emptyFolders(spec.root, files.folders, files.masks, inSplits)) classes.add(name);
    const skipped: SkippedItem[] = unlabelled.map((path) => ({ path, reason: 'it lies in no folder of a class' }));
    return assembleDataset(
      {
        id: imagefolder.id,
        title: imagefolder.title,
        items: found.map((item, index) => ({ ...item, id: ids[index]! })),
        classes: [...classes].sort(byCodePoint),
        multiLabel: false,
        masks: files.masks,
        skipped: [...files.skipped, ...skipped],
        warnings: [
          ...leftOut(unlabelled, 'picture', 'outside folders of classes'),
          ...(outside.size === 0 ? [] : [`Folders beside train, val and test: ${formatList([...outside])}.`]),
        ],
        notes: files.masks.length === 0 ? [] : [`${files.masks.length} pictures taken for masks by name.`],
        expected: '<class>/*.jpg, or {train,val,test}/<class>/*.jpg',
      },
      spec,
    );
  },
};

/** Whether the outer folders are splits: one is called train, val or test and has folders with pictures. */
function hasSplitFolders(places: readonly (readonly string[])[]): boolean {
  const outer = places.filter(([first]) => first !== undefined && splitNamed(first) !== null);
  return outer.length > 0 && outer.some((parts) => parts.length > 1) && outer.length * 2 > places.length;
}

/** Names of folders at the depth of classes; those without a picture count too, so that they are not lost in silence. */
function emptyFolders(root: string, folders: readonly string[], masks: readonly string[], inSplits: boolean): string[] {
  const holdsMasks = new Set(masks.flatMap((path) => foldersAbove(relative(root, path))));
  const depth = inSplits ? 2 : 1;
  return folders
    .map((folder) => relative(root, folder))
    .filter((place) => place.split(sep).length === depth && !holdsMasks.has(place))
    .filter((place) => !inSplits || splitNamed(place.split(sep)[0]!) !== null)
    .map((place) => place.split(sep)[depth - 1]!);
}

/** `a`, `a/b` for `a/b/x.png`. */
function foldersAbove(path: string): string[] {
  const parts = path.split(sep).slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join(sep));
}
