// What the demo set consists of: class codes and counts of HAM10000, which class looks like which, planted shortcuts.

/** Code points, as everywhere. */
export const demoClasses = ['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc'] as const;
export type DemoClass = (typeof demoClasses)[number];

/** Pictures of each class in HAM10000. */
const HAM10000: Readonly<Record<DemoClass, number>> = {
  akiec: 327,
  bcc: 514,
  bkl: 1099,
  df: 115,
  mel: 1113,
  nv: 6705,
  vasc: 142,
};
const HAM10000_TOTAL = 10015;

/** Classes that atypical pictures borrow looks from. */
export const confusable: Readonly<Record<DemoClass, readonly DemoClass[]>> = {
  akiec: ['bcc', 'bkl'],
  bcc: ['akiec', 'bkl', 'vasc'],
  bkl: ['mel', 'nv', 'akiec'],
  df: ['nv', 'bkl', 'bcc'],
  mel: ['nv', 'bkl', 'bcc'],
  nv: ['mel', 'df', 'bkl'],
  vasc: ['bcc', 'mel'],
};

/** A thing in the picture that goes with one class in training only: a model may take it for the class. */
interface Shortcut {
  readonly of: DemoClass;
  /** Probability in training pictures of the class and of others; in validation and test, of every class. */
  readonly own: number;
  readonly other: number;
  readonly elsewhere: number;
}
export const shortcuts = {
  patch: { of: 'nv', own: 0.3, other: 0.02, elsewhere: 0.1 },
  ruler: { of: 'mel', own: 0.45, other: 0.06, elsewhere: 0.12 },
} as const satisfies Record<string, Shortcut>;

/** Training pictures of each class: long-tailed as HAM10000, but at least a sixtieth of `total`. */
export function trainCounts(total: number): Record<DemoClass, number> {
  const least = Math.max(1, Math.round(total / 60));
  const of = (name: DemoClass) => Math.max(least, Math.round((total * HAM10000[name]) / HAM10000_TOTAL));
  return Object.fromEntries(demoClasses.map((name) => [name, of(name)])) as Record<DemoClass, number>;
}
