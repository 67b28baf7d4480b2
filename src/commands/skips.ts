// Files that were left out, as a person can read them: thousands of labels without a picture are one line with a number, not
// thousands of lines. What the files have in common is their reason.
import type { ProgressEvent } from '../events.ts';
import { formatCount } from '../lib/format.ts';
import type { Style } from './style.ts';

type Skipped = Extract<ProgressEvent, { kind: 'skipped' }>;

/** Files of one reason that have a line each. */
const SHOWN = 10;

export interface Skips {
  /** The line of a file; null where enough of its kind have one. */
  lineOf(event: Skipped): string | null;
  /** A line for each reason with more files than were shown. */
  rest(): string[];
}

export function createSkips(style: Style): Skips {
  const counts = new Map<string, number>();
  const word = style.yellow('skipped:');
  return {
    lineOf({ path, reason }) {
      const kind = kindOf(path, reason);
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      if (count > SHOWN) return null;
      return reason.includes(path) ? `${word} ${reason}` : `${word} ${path}: ${reason}`;
    },
    rest() {
      const more = [...counts].filter(([, count]) => count > SHOWN);
      return more.map(([kind, count]) => `${word} ${formatCount(count - SHOWN, 'more file')}: ${kind}`);
    },
  };
}

/** The reason's first line without the file. */
function kindOf(path: string, reason: string): string {
  return reason.split('\n')[0]!.replaceAll(path, '…');
}
