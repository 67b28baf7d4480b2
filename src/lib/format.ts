// Numbers and names as people read them, for the terminal and for sentences in the report.

/** A span in milliseconds: `340 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** So many a second: `128/s`, `3.4/s`; below one a second the other way round: `4.0 s each`. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return '?/s';
  if (perSecond < 1) return `${formatDuration(1000 / perSecond)} each`;
  return `${formatNumber(perSecond, perSecond < 100 ? 2 : 3)}/s`;
}

/** At least `digits` significant digits, plain decimals, no trailing zeros beyond them: `128`, `3.4`, `0.0131`. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return decimals > 12 ? value.toExponential(digits - 1) : value.toFixed(decimals);
}

/** A fraction as a percentage: 0.934 -> `93.4 %`. */
export function formatPercent(fraction: number, decimals = 1): string {
  return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(decimals)} %` : '?';
}

/** A count with its noun: `1 picture`, `2 pictures`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The first few names of a list: `a, b, c and 4 more`. */
export function formatList(names: readonly string[], limit = 5): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

/**
 * Text for a terminal: control characters, which could move the cursor or recolour what follows, are shown as escapes.
 * Newlines and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
