// What the three ROAD metrics share.
import type { Scored, Subject } from './subject.ts';

export function meanChange({ before }: Subject, scored: readonly Scored[]): number {
  return scored.reduce((sum, { probability }) => sum + probability - before.probability, 0) / scored.length;
}

/** Probability against the share removed, from the untouched input on. */
export function withUntouched({ before, settings }: Subject, scored: readonly Scored[]): [number, number][] {
  return [
    [0, before.probability],
    ...scored.map(({ probability }, i): [number, number] => [settings.shares[i]!, probability]),
  ];
}
