// Widths that venues ask for.

export interface Venue {
  readonly id: string;
  readonly title: string;
  /** Millimetres. */
  readonly width: number;
  /** Whether it spans a page of two columns: `figure*` in LaTeX. */
  readonly wide: boolean;
  /** Dots per inch that the venue asks of pictures with lettering. */
  readonly dpi: number;
  /** Points. */
  readonly fontSize: number;
  readonly source: string;
}

const ieee = 'IEEE Author Center: 3.5 in and 7.16 in, over 300 dpi, 8 pt';
const cvpr = 'CVPR author kit: columns of 3.25 in, text of 6.875 in, captions of 9 pt';
const elsevier =
  'Elsevier artwork sizing: 90, 140 and 190 mm, 500 dpi for combinations of pictures and lettering, 7 pt';
const nature = 'Nature, final submission: 89 and 183 mm, 300 dpi, lettering of 5 to 7 pt';
const springer = 'Springer journals: 84 and 174 mm, 600 dpi for combinations, lettering of 8 to 12 pt';

export const venues = {
  ieee1: { id: 'ieee1', title: 'IEEE, one column', width: 88.9, wide: false, dpi: 300, fontSize: 8, source: ieee },
  ieee2: { id: 'ieee2', title: 'IEEE, two columns', width: 181.9, wide: true, dpi: 300, fontSize: 8, source: ieee },
  cvpr1: { id: 'cvpr1', title: 'CVPR, one column', width: 82.6, wide: false, dpi: 300, fontSize: 8, source: cvpr },
  cvpr2: { id: 'cvpr2', title: 'CVPR, two columns', width: 174.6, wide: true, dpi: 300, fontSize: 8, source: cvpr },
  lncs: {
    id: 'lncs',
    title: 'Springer LNCS (MICCAI, ECCV)',
    width: 122,
    wide: false,
    dpi: 300,
    fontSize: 8,
    source: 'LNCS class: text of 122 x 193 mm',
  },
  elsevier1: {
    id: 'elsevier1',
    title: 'Elsevier, one column',
    width: 90,
    wide: false,
    dpi: 500,
    fontSize: 7,
    source: elsevier,
  },
  'elsevier1.5': {
    id: 'elsevier1.5',
    title: 'Elsevier, one and a half columns',
    width: 140,
    wide: true,
    dpi: 500,
    fontSize: 7,
    source: elsevier,
  },
  elsevier2: {
    id: 'elsevier2',
    title: 'Elsevier, two columns',
    width: 190,
    wide: true,
    dpi: 500,
    fontSize: 7,
    source: elsevier,
  },
  nature1: {
    id: 'nature1',
    title: 'Nature, one column',
    width: 89,
    wide: false,
    dpi: 300,
    fontSize: 7,
    source: nature,
  },
  nature2: {
    id: 'nature2',
    title: 'Nature, two columns',
    width: 183,
    wide: true,
    dpi: 300,
    fontSize: 7,
    source: nature,
  },
  springer1: {
    id: 'springer1',
    title: 'Springer journals, one column',
    width: 84,
    wide: false,
    dpi: 600,
    fontSize: 8,
    source: springer,
  },
  springer2: {
    id: 'springer2',
    title: 'Springer journals, two columns',
    width: 174,
    wide: true,
    dpi: 600,
    fontSize: 8,
    source: springer,
  },
} as const satisfies Record<string, Venue>;

export type VenueId = keyof typeof venues;
export const venueIds = Object.keys(venues) as readonly VenueId[];
