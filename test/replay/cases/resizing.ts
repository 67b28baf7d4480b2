import { float, int, ints, string } from '../../../src/graph/attributes.ts';
import type { Attribute } from '../../../src/graph/graph.ts';
import { caseOf, float32, floats, int64 } from '../case.ts';

const x = floats([1, 2, 3, 4]);
const byScale = (title: string, scales: number[], attributes: Record<string, string | number>, tolerance = 1e-5) =>
  caseOf('Resize', title, [x, null, float32([1, 1, ...scales])], { attributes: attributesOf(attributes), tolerance });
const toSize = (title: string, sizes: number[], attributes: Record<string, string | number>) =>
  caseOf('Resize', title, [x, null, null, int64([1, 2, ...sizes])], { attributes: attributesOf(attributes) });
const attributesOf = (values: Record<string, string | number>): Record<string, Attribute> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? string(value) : name === 'cubic_coeff_a' ? float(value) : int(value),
    ]),
  );
const mode = 'mode';
const by = 'coordinate_transformation_mode';

export const resizing = [
  byScale('nearest, as exported', [2, 2], { [mode]: 'nearest', [by]: 'asymmetric', nearest_mode: 'floor' }),
  byScale('nearest, default rounding', [2.5, 1.5], { [mode]: 'nearest' }),
  byScale('nearest, ceil', [2, 0.6], { [mode]: 'nearest', nearest_mode: 'ceil', [by]: 'asymmetric' }),
  byScale('nearest, prefer ceil', [2, 3], { [mode]: 'nearest', nearest_mode: 'round_prefer_ceil' }),
  byScale('linear', [2, 2], { [mode]: 'linear' }),
  byScale('linear, smaller', [0.67, 0.5], { [mode]: 'linear' }),
  byScale('linear, pytorch', [2, 0.5], { [mode]: 'linear', [by]: 'pytorch_half_pixel' }),
  byScale('linear, corners', [2, 3], { [mode]: 'linear', [by]: 'align_corners' }),
  byScale('linear, asymmetric', [2, 3], { [mode]: 'linear', [by]: 'asymmetric' }),
  byScale('cubic', [2, 2], { [mode]: 'cubic' }),
  byScale('cubic, coefficient', [2, 3], { [mode]: 'cubic', cubic_coeff_a: -0.5, [by]: 'pytorch_half_pixel' }),
  byScale('cubic, outside excluded', [2, 2], { [mode]: 'cubic', exclude_outside: 1 }),
  toSize('linear to a size', [5, 7], { [mode]: 'linear', [by]: 'pytorch_half_pixel' }),
  toSize('nearest to a size', [5, 7], { [mode]: 'nearest', [by]: 'asymmetric', nearest_mode: 'floor' }),
  toSize('linear, smaller, antialiased', [2, 2], { [mode]: 'linear', antialias: 1 }),
  toSize('cubic, smaller, antialiased', [2, 3], { [mode]: 'cubic', antialias: 1 }),
  toSize('symmetric', [5, 7], { [mode]: 'linear', [by]: 'half_pixel_symmetric' }),
  caseOf('Resize', 'axes', [x, null, null, int64([6, 5])], {
    attributes: { mode: string('linear'), axes: ints([2, 3]) },
  }),
  caseOf('Resize', 'not larger', [x, null, null, int64([6, 6])], {
    attributes: { mode: string('linear'), axes: ints([2, 3]), keep_aspect_ratio_policy: string('not_larger') },
  }),
];
