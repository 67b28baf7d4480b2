// How the report says things: numbers, probabilities, names and targets, in plain words.
// Apart because tables, cells and legend must say the same thing the same way.

/** Three significant digits, plain where that is readable, else with an exponent. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2).replace('e+', 'e');
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

/** Two decimals, a real minus: for columns of shares and correlations. */
export function fixedText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

/** A probability in 0..1 as a percentage; never rounded to a certainty that the model did not state. */
export function percentText(probability: number): string {
  if (!Number.isFinite(probability)) return '–';
  if (probability > 0.9995 && probability < 1) return '> 99.9 %';
  if (probability < 0.0005 && probability > 0) return '< 0.1 %';
  return `${(probability * 100).toFixed(1)} %`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** At most `length` characters, cut at a whole character and marked with an ellipsis. */
export function shortText(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** A name in camel case as words: `balancedAccuracy` -> `Balanced accuracy`. Other text stays as it is. */
export function nameToWords(name: string): string {
  if (!/^[a-z]+([A-Z0-9][a-z0-9]*)*$/.test(name)) return name;
  const words = name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the maps explain, by the `--target` that was asked for. */
export function targetWords(target: string): string {
  if (target === 'label') return 'the labelled class';
  if (target === 'predicted') return 'each run’s own top class';
  if (target === 'consensus') return 'the class with the highest mean probability over the runs';
  return `the class ${target}`;
}

/** A text as the page shows it: a long one gets a scrolling box, so that nothing is cut and nothing pushed away. */
export interface LongText {
  readonly text: string;
  readonly long: boolean;
}

/** Names and paths. */
export function boxed(text: string): LongText {
  return { text, long: text.length > 120 };
}

/** Notes, warnings, lists: what is meant to be read as a whole. */
export function boxedSentence(text: string): LongText {
  return { text, long: text.length > 600 };
}
