// The reliability diagram of a run as shapes: of pictures in each bin of confidence, how many are right.
import type { EvaluationRun } from './evaluation.ts';

export interface ReliabilityView {
  readonly run: string;
  /** What the diagram says, for those who do not see it. */
  readonly description: string;
  readonly ece: string;
  /** `overconfident by 0.12`. */
  readonly leaning: string;
  /** In a square of 100 x 100, y downwards. */
  readonly bars: readonly {
    readonly x: string;
    readonly y: string;
    readonly width: string;
    readonly height: string;
    /** Share of pictures, 0..20 in height, for the strip below. */
    readonly countY: string;
    readonly countHeight: string;
  }[];
  /** Mean confidence and accuracy of each bin. */
  readonly points: readonly { readonly x: string; readonly y: string }[];
}

const SIDE = 100;
const STRIP = 20;

/** None where the run has no calibration. */
export function reliabilityDiagram({ name, calibration, ece }: EvaluationRun): ReliabilityView[] {
  if (calibration === null || ece === null) return [];
  const filled = calibration.bins.filter(({ count }) => count > 0);
  const most = Math.max(...filled.map(({ count }) => count));
  const { overconfidence } = calibration;
  const leaning =
    Math.abs(overconfidence) < 0.0005
      ? 'as sure as it is right'
      : `${overconfidence > 0 ? 'too sure' : 'too unsure'} by ${Math.abs(overconfidence).toFixed(3)} on average`;
  const told = filled.map(
    ({ low, high, count, accuracy }) =>
      `${low.toFixed(2)} to ${high.toFixed(2)}: ${count} pictures, ${(100 * (accuracy ?? 0)).toFixed(0)} % right`,
  );
  return [
    {
      run: name,
      description: `Reliability of ${name}. ${told.join('; ')}.`,
      ece: ece.toFixed(3),
      leaning,
      bars: filled.map(({ low, high, count, accuracy }) => ({
        x: (SIDE * low).toFixed(2),
        y: (SIDE * (1 - (accuracy ?? 0))).toFixed(2),
        width: (SIDE * (high - low)).toFixed(2),
        height: (SIDE * (accuracy ?? 0)).toFixed(2),
        countY: (SIDE + 4 + STRIP * (1 - count / most)).toFixed(2),
        countHeight: ((STRIP * count) / most).toFixed(2),
      })),
      points: filled.map(({ confidence, accuracy }) => ({
        x: (SIDE * (confidence ?? 0)).toFixed(2),
        y: (SIDE * (1 - (accuracy ?? 0))).toFixed(2),
      })),
    },
  ];
}
