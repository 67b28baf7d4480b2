// Classes of an evaluation: those of the data and those of the runs in one list. Runs and data are matched by name, never by
// position; what does not match is said.
import { indexOfName, type ClassHead } from '../classes.ts';
import { formatCount, formatList } from '../lib/format.ts';

export interface ClassTable {
  /** Classes of the data in their order, then what only runs have. */
  readonly classes: readonly string[];
  /** Per run: index among its own classes -> index in `classes`. */
  readonly places: readonly Int32Array[];
  /** Sentences about what does not match. */
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

interface NamedHead {
  readonly name: string;
  readonly head: Pick<ClassHead, 'classes' | 'named'>;
}

/** `counts`: labelled pictures of each class of the data. */
export function classTable(
  dataClasses: readonly string[],
  counts: readonly number[],
  runs: readonly NamedHead[],
): ClassTable {
  const { classes, notes } = namesOfNumbers(dataClasses, runs);
  const all = [...classes];
  const places = runs.map(({ head }) =>
    Int32Array.from(head.classes, (name) => {
      const place = indexOfName(name, all);
      return place === -1 ? all.push(name) - 1 : place;
    }),
  );
  const warnings = runs.flatMap(({ name }, run) => {
    const missing = classes.filter((_, index) => counts[index]! > 0 && !places[run]!.includes(index));
    if (missing.length === 0) return [];
    const pictures = missing.reduce((sum, one) => sum + counts[classes.indexOf(one)]!, 0);
    return [
      `${name} has no class for ${formatList(missing, 12)}: its predictions for ${formatCount(pictures, 'picture')} count as wrong.`,
    ];
  });
  const extra = all.slice(classes.length);
  if (extra.length > 0)
    notes.push(
      `Classes of runs without a picture in the data: ${formatList(extra, 12)}. Predicting them counts as wrong.`,
    );
  return { classes: all, places, warnings, notes };
}

/** Labels that are bare numbers are places in the class list of the runs, where all runs have one order. */
function namesOfNumbers(
  classes: readonly string[],
  runs: readonly NamedHead[],
): { classes: readonly string[]; notes: string[] } {
  const [first, ...others] = runs.map(({ head }) => head.classes);
  const areNumbers = classes.every((name) => /^\d+$/.test(name));
  const isOneOrder = first !== undefined && others.every((list) => list.join('\0') === first.join('\0'));
  const known = runs.some(({ head }) => classes.some((name) => indexOfName(name, head.classes) !== -1));
  if (!areNumbers || !isOneOrder || known || classes.some((name) => first[Number(name)] === undefined))
    return { classes, notes: [] };
  return {
    classes: classes.map((name) => first[Number(name)]!),
    notes: ['Labels are numbers, taken as places in the class list of the runs, counted from 0.'],
  };
}
