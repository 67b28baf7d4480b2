// Where everything in a figure goes: panels in rows and columns, words around them, a colourbar below. Numbers in, places out.
import { GradcamError } from '../lib/errors.ts';
import { millimetresPerInch, point, rectanglePath, type Box, type Item, type TextItem } from './drawing.ts';
import { markItem } from './marks.ts';
import { fitted, widthOf, type Typeface } from './typeface.ts';

/** A heading, over a column or beside a row: the first line is bold. */
export type Heading = readonly string[];

export interface PanelLabel {
  /** null: nothing is known of the truth. */
  readonly right: boolean | null;
  readonly name: string;
  readonly probability: string;
}

export interface GridRow {
  readonly side: Heading;
  /** Width over height of each panel. */
  readonly aspects: readonly number[];
  readonly labels: readonly (PanelLabel | null)[];
}

/** A key to colours, below the panels. */
export interface Bar {
  /** 256 colours: [256, 3]. */
  readonly rgb: Uint8Array;
  readonly low: string;
  readonly high: string;
  /** Whether the middle stands for zero. */
  readonly signed: boolean;
}

export interface Grid {
  readonly heads: readonly Heading[];
  readonly rows: readonly GridRow[];
  readonly bars: readonly Bar[];
}

export interface PageStyle {
  /** Millimetres. */
  readonly width: number;
  readonly dpi: number;
  /** Points. */
  readonly fontSize: number;
}

export interface Layout {
  readonly height: number;
  /** Of each panel, row by row. */
  readonly boxes: readonly (readonly Box[])[];
  /** Words, marks and colourbars. */
  readonly items: readonly Item[];
  /** Words that did not fit and are cut. */
  readonly cut: readonly string[];
}

/** Millimetres. */
const gap = 1.2;
/** Between words beside a row and its first panel. */
const margin = 0.5;
const leastPanel = 8;
const barHeight = 2.1;
const ink = '#000000';
const quiet = '#444444';

/** Throws GradcamError `too-narrow` where panels would be smaller than 8 mm. */
export function layOut(grid: Grid, style: PageStyle, typeface: Typeface): Layout {
  return new Layouter(grid, style, typeface).run();
}

/** What the steps share: measures, and the things placed so far. */
class Layouter {
  private readonly items: Item[] = [];
  private readonly cut = new Set<string>();
  private readonly boxes: Box[][] = [];
  private readonly grid: Grid;
  private readonly style: PageStyle;
  private readonly typeface: Typeface;
  /** Millimetres of a pixel: panels begin and end on whole ones. */
  private readonly pixel: number;
  private readonly line: number;
  private readonly gap: number;

  constructor(grid: Grid, style: PageStyle, typeface: Typeface) {
    this.grid = grid;
    this.style = style;
    this.typeface = typeface;
    this.pixel = millimetresPerInch / style.dpi;
    this.line = style.fontSize * point * 1.18;
    this.gap = this.snapped(gap);
  }

  run(): Layout {
    const { heads, rows, bars } = this.grid;
    const sideLines = Math.max(0, ...rows.map(({ side }) => side.length));
    const panel = this.panelWidth(heads.length, sideLines === 0 ? 0 : sideLines * this.line + margin);
    const left = this.snapped(this.style.width - heads.length * panel - (heads.length - 1) * this.gap);
    const columns = heads.map((_, c) => left + c * (panel + this.gap));
    let y = this.placeHeads(columns, panel);
    const twoLines = rows.some(({ labels }) =>
      labels.some((label) => label !== null && !this.fitsOneLine(label, panel)),
    );
    for (const [r, row] of rows.entries()) {
      if (r > 0) y += this.gap;
      y = this.placeRow(row, columns, panel, this.snapped(y), left, twoLines);
    }
    for (const bar of bars) y = this.placeBar(bar, y + 1.2);
    return {
      height: Math.ceil((y + 0.2) / this.pixel) * this.pixel,
      boxes: this.boxes,
      items: this.items,
      cut: [...this.cut],
    };
  }

  private panelWidth(columns: number, side: number): number {
    const width = (this.style.width - side - (columns - 1) * this.gap) / columns;
    if (width >= leastPanel) return Math.floor(width / this.pixel) * this.pixel;
    throw new GradcamError({
      code: 'too-narrow',
      what: `${columns} columns do not fit into a figure of ${this.style.width} mm`,
      expected: `panels of at least ${leastPanel} mm`,
      found: `${Math.max(0, width).toFixed(1)} mm`,
      hint: 'choose fewer with --columns or --samples, put the other side across with --rows, or a wider --venue or --width',
    });
  }

  /** Headings over the columns; the height that they take. */
  private placeHeads(columns: readonly number[], panel: number): number {
    const { heads } = this.grid;
    const lines = Math.max(0, ...heads.map((head) => head.length));
    for (const [c, head] of heads.entries()) {
      for (const [i, text] of head.entries()) {
        const bold = i === 0;
        this.text(text, columns[c]! + panel / 2, (i + 0.82) * this.line, { bold, anchor: 'middle', room: panel });
      }
    }
    return lines === 0 ? 0 : lines * this.line + 0.4;
  }

  /** A row of panels with what stands beside and under them; where it ends. */
  private placeRow(
    { side, aspects, labels }: GridRow,
    columns: readonly number[],
    panel: number,
    top: number,
    left: number,
    twoLines: boolean,
  ): number {
    const heights = aspects.map((aspect) => Math.max(this.pixel, this.snapped(panel / aspect)));
    const tallest = Math.max(...heights);
    this.boxes.push(
      columns.map((x, c) => {
        const y = this.snapped(top + (tallest - heights[c]!) / 2);
        return { x, y, width: panel, height: heights[c]! };
      }),
    );
    const labelled = labels.some((label) => label !== null);
    const bottom = top + tallest + (labelled ? 0.3 + (twoLines ? 2 : 1) * this.line : 0);
    for (const [i, text] of side.entries()) {
      const x = left - margin - (side.length - i) * this.line + 0.82 * this.line;
      // Beside the panels where it fits, else beside panels and labels.
      const middle = this.widthOf(text) <= tallest ? top + tallest / 2 : (top + bottom) / 2;
      this.text(text, x, middle, { bold: i === 0, anchor: 'middle', room: bottom - top, upwards: true });
    }
    for (const [c, label] of labels.entries())
      if (label !== null) this.placeLabel(label, columns[c]!, top + tallest + 0.3, panel, twoLines);
    return bottom;
  }

  private placeLabel(
    { right, name, probability }: PanelLabel,
    x: number,
    y: number,
    panel: number,
    two: boolean,
  ): void {
    const baseline = y + 0.85 * this.line;
    const indent = right === null ? 0 : this.markWidth();
    if (right !== null) this.items.push(markItem(right, x, baseline, this.style.fontSize));
    const taken = two ? 0 : this.widthOf(probability) + 1;
    this.text(name, x + indent, baseline, { anchor: 'start', room: panel - indent - taken });
    if (two)
      this.text(probability, x + indent, baseline + this.line, { anchor: 'start', room: panel - indent, ink: quiet });
    else this.text(probability, x + panel, baseline, { anchor: 'end', room: panel, ink: quiet });
  }

  private fitsOneLine({ right, name, probability }: PanelLabel, panel: number): boolean {
    const indent = right === null ? 0 : this.markWidth();
    return indent + this.widthOf(name) + 1 + this.widthOf(probability) <= panel;
  }

  /** The colours with what their ends stand for; where it ends. */
  private placeBar({ rgb, low, high, signed }: Bar, top: number): number {
    const { width } = this.style;
    const ends = this.widthOf(low) + this.widthOf(high) + 2;
    const length = Math.max(0.2 * width, Math.min(0.4 * width, width - ends));
    const room = Math.max(0, width - length - this.widthOf(low) - 2);
    const x = (width - length - this.widthOf(low) - Math.min(room, this.widthOf(high)) - 2) / 2 + this.widthOf(low) + 1;
    const y = top + Math.max(0, (this.line - barHeight) / 2);
    const box = { x, y, width: length, height: barHeight };
    this.items.push({ kind: 'gradient', box, rgb }, frame(box));
    if (signed) {
      const middle = x + length / 2;
      this.items.push({ ...frame(box), path: `M${middle} ${y}L${middle} ${y + barHeight}` });
    }
    const baseline = top + Math.max(this.line, barHeight) / 2 + 0.3 * this.style.fontSize * point;
    this.text(low, x - 1, baseline, { anchor: 'end', room: width });
    this.text(high, x + length + 1, baseline, { anchor: 'start', room });
    return top + Math.max(this.line, barHeight);
  }

  private text(
    text: string,
    x: number,
    y: number,
    look: { anchor: TextItem['anchor']; room: number; bold?: boolean; upwards?: boolean; ink?: string },
  ): void {
    const { anchor, room, upwards = false } = look;
    const size = this.style.fontSize;
    // Light letters are narrower: better the whole word in those than half of it in heavy ones.
    const heavy = look.bold === true && widthOf(text, size, this.typeface.bold) <= room;
    const shown = fitted(text, room, size, heavy ? this.typeface.bold : this.typeface.regular);
    if (shown !== text) this.cut.add(text);
    if (shown !== '')
      this.items.push({ kind: 'text', x, y, text: shown, size, bold: heavy, anchor, upwards, ink: look.ink ?? ink });
  }

  private widthOf(text: string): number {
    return widthOf(text, this.style.fontSize, this.typeface.regular);
  }

  private markWidth(): number {
    return this.style.fontSize * point;
  }

  private snapped(length: number): number {
    return Math.round(length / this.pixel) * this.pixel;
  }
}

/** A thin line round a box, inside it, so that it is not cut off at the figure's edge. */
export function frame({ x, y, width, height }: Box): Extract<Item, { kind: 'path' }> {
  const half = 0.2 * point;
  const path = rectanglePath({ x: x + half, y: y + half, width: width - 2 * half, height: height - 2 * half });
  return { kind: 'path', path, fill: null, stroke: { ink: quiet, width: 0.4, dash: null }, clip: null };
}
