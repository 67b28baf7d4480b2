// Curves of a score against the share of pixels changed, and areas under them. Apart because deletion and insertion share them.
import type { Baseline } from './baseline-inputs.ts';
import { firstOf, type Subject } from './subject.ts';

/** Inputs with the 0/steps, 1/steps ... steps/steps most relevant pixels taken from elsewhere (or only those kept). */
export function curveInputs(subject: Subject, baseline: Baseline, mode: 'delete' | 'insert'): Float32Array[] {
  const { steps } = subject.settings;
  const other = subject.baseline(baseline);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const first = firstOf(subject.order(), step / steps);
    return subject.mixed(mode === 'delete' ? first : first.map((value) => 1 - value), other);
  });
}

/** Area under equally spaced points over 0..1 by trapezoids. */
export function areaUnder(values: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i - 1]! + values[i]!) / 2;
  return sum / (values.length - 1);
}
