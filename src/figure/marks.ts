// Right and wrong, told apart by shape as much as by colour.
import { coordinate, point, type PathItem } from './drawing.ts';

const green = '#1b7837';
const red = '#b2182b';

/** A tick or a cross before a word that begins on this baseline, at so many points. */
export function markItem(right: boolean, x: number, baseline: number, size: number): PathItem {
  const side = 0.68 * size * point;
  const at = (across: number, up: number): string =>
    `${coordinate(x + 0.2 + across * side)} ${coordinate(baseline - up * side)}`;
  const path = right
    ? `M${at(0.05, 0.45)}L${at(0.36, 0.08)}L${at(0.95, 0.95)}`
    : `M${at(0.12, 0.08)}L${at(0.88, 0.88)}M${at(0.12, 0.88)}L${at(0.88, 0.08)}`;
  return {
    kind: 'path',
    path,
    fill: null,
    stroke: { ink: right ? green : red, width: 0.14 * size, dash: null },
    clip: null,
  };
}
