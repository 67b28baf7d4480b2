// Words of a grid as the typeface can draw them.
import type { Grid } from './layout.ts';
import { drawable, type Typeface } from './typeface.ts';

/** The grid with every word drawable; `lost`: characters that the typeface has not. */
export function drawableGrid({ heads, rows, bars }: Grid, typeface: Typeface): { grid: Grid; lost: string[] } {
  const lost = new Set<string>();
  const bold = (text: string): string => drawable(text, typeface.bold, lost);
  const plain = (text: string): string => drawable(text, typeface.regular, lost);
  const heading = (lines: readonly string[]): string[] => lines.map((line, i) => (i === 0 ? bold(line) : plain(line)));
  return {
    grid: {
      heads: heads.map(heading),
      rows: rows.map(({ side, aspects, labels }) => ({
        side: heading(side),
        aspects,
        labels: labels.map((label) => (label === null ? null : { ...label, name: plain(label.name) })),
      })),
      bars: bars.map((bar) => ({ ...bar, low: plain(bar.low), high: plain(bar.high) })),
    },
    lost: [...lost],
  };
}
