// How far to trust the maps of a report, in plain words: only what this report's own numbers say, each sentence with the
// numbers that it rests on. What speaks for the maps, what against, what was not looked at.
import type { Report } from './report.ts';
import { methodPoints, seedPoints } from './trust/agreement.ts';
import {
  assumedPoints,
  headPoints,
  resolutionPoints,
  samplePoints,
  syntheticPoints,
  targetPoints,
  zeroPoints,
} from './trust/limits.ts';
import { faithfulnessPoints, localisationPoints, sanityPoints } from './trust/measured.ts';
import type { Side } from './trust/point.ts';
import { boxedSentence, type LongText } from './words.ts';

export interface TrustView {
  readonly groups: readonly { readonly title: string; readonly mark: string; readonly points: readonly LongText[] }[];
}

const TITLES: Readonly<Record<Side, { title: string; mark: string }>> = {
  against: { title: 'Speaks against reading much into them', mark: '−' },
  for: { title: 'Speaks for them', mark: '+' },
  unknown: { title: 'Not known from this report', mark: '?' },
};

/** null where there are no maps. */
export function trustView(report: Report): TrustView | null {
  if (report.cells.every((cell) => cell.map === null)) return null;
  const points = [
    ...syntheticPoints(report),
    ...localisationPoints(report),
    ...sanityPoints(report),
    ...faithfulnessPoints(report),
    ...seedPoints(report),
    ...headPoints(report),
    ...zeroPoints(report),
    ...targetPoints(report),
    ...resolutionPoints(report),
    ...methodPoints(report),
    ...assumedPoints(report),
    ...samplePoints(report),
  ];
  const groups = (['against', 'for', 'unknown'] as const).map((side) => ({
    ...TITLES[side],
    points: points.filter((point) => point.side === side).map(({ text }) => boxedSentence(text)),
  }));
  return { groups: groups.filter((group) => group.points.length > 0) };
}
