// The seam of learning-rate schedules: the share of the learning rate at a step. Numbers only; the table is schedules.ts.

export interface ScheduleAt {
  /** Epoch, counted from 0. */
  readonly epoch: number;
  /** How much of the steps after the warm-up is done, 0 to below 1. */
  readonly progress: number;
}

export interface ScheduleOptions {
  /** `step`: epochs between two drops. */
  readonly every: number;
  /** `multi-step`: epochs, counted from 0, at whose beginning the rate drops. */
  readonly milestones: readonly number[];
  /** `step`, `multi-step`: what a drop multiplies the rate with. */
  readonly factor: number;
  /** `cosine`: share of the rate at the end. */
  readonly floor: number;
}

export interface Schedule {
  readonly id: string;
  readonly title: string;
  factor(at: ScheduleAt, options: ScheduleOptions): number;
}
