// The table of figure formats.
import type { FigureFormat } from './format.ts';
import { pdf } from './formats/pdf.ts';
import { png } from './formats/png.ts';
import { svg } from './formats/svg.ts';
import { tex } from './formats/tex.ts';
import type { FormatId } from './format-ids.ts';

export const figureFormats = { pdf, svg, png, tex } as const satisfies Record<FormatId, FigureFormat>;
