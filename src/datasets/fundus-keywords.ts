// Diagnostic keywords of ODIR-5K -> classes, for one eye. The challenge's own rules as far as they are published.

export const odirClasses = ['N', 'D', 'G', 'C', 'A', 'H', 'M', 'O'] as const;
export type OdirClass = (typeof odirClasses)[number];

/** What is said of the photograph, not of the eye. */
const QUALITY =
  /^(lens dust|low image quality|optic disk photographically invisible|image offset|anterior segment image|no fundus image)$/;
/** These are no pictures of a fundus. */
const NO_FUNDUS = /^(anterior segment image|no fundus image)$/;

// "retinopathy" alone tells nothing: there are diabetic, hypertensive and myopic ones. Suspected counts as found.
const RULES: readonly (readonly [OdirClass, RegExp])[] = [
  ['H', /hypertensive/],
  ['D', /diabetic|(non)?-?\s?proliferative retinopathy/],
  ['G', /glaucoma/],
  ['C', /cataract/],
  ['A', /age-?\s?related macular/],
  ['M', /myopi/],
  ['N', /^normal fundus$/],
];

/** Keywords stand between full-width commas, sometimes ASCII ones. */
function splitKeywords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[，,、]/)
    .map((keyword) => keyword.trim())
    .filter((keyword) => keyword !== '');
}

/**
 * Every class that the keywords name, in the order of the classes; `N` only by itself. null where they say nothing of the
 * eye, or that there is none.
 */
export function classesOfKeywords(text: string): OdirClass[] | null {
  const keywords = splitKeywords(text);
  if (keywords.some((keyword) => NO_FUNDUS.test(keyword))) return null;
  const found = new Set(
    keywords
      .filter((keyword) => !QUALITY.test(keyword))
      .map((keyword) => RULES.find(([, pattern]) => pattern.test(keyword))?.[0] ?? 'O'),
  );
  if (found.size > 1) found.delete('N');
  return found.size === 0 ? null : odirClasses.filter((name) => found.has(name));
}
