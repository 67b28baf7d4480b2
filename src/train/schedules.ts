// The table of schedules, and the learning rate of a step.
import type { Schedule, ScheduleOptions } from './schedule.ts';
import { constant } from './schedules/constant.ts';
import { cosine } from './schedules/cosine.ts';
import { multiStep } from './schedules/multi-step.ts';
import { step } from './schedules/step.ts';

export const schedules = { constant, step, 'multi-step': multiStep, cosine } as const satisfies Record<
  string,
  Schedule
>;
export type ScheduleId = keyof typeof schedules;
export const scheduleIds = Object.keys(schedules) as readonly ScheduleId[];

export interface RatePlan extends ScheduleOptions {
  readonly schedule: ScheduleId;
  /** The learning rate that schedules take shares of. */
  readonly lr: number;
  /** Epochs, also parts of one, in which the rate rises evenly from almost 0 to `lr`. */
  readonly warmup: number;
  readonly epochs: number;
  /** Steps of an epoch. */
  readonly steps: number;
}

/** Learning rate of a step, counted from 0 over all epochs. In the warm-up of w steps: lr (step + 1) / w. */
export function rateAt(step: number, plan: RatePlan): number {
  const warm = Math.round(plan.warmup * plan.steps);
  if (step < warm) return (plan.lr * (step + 1)) / warm;
  const rest = Math.max(1, plan.epochs * plan.steps - warm);
  const at = { epoch: Math.floor(step / plan.steps), progress: Math.min(1, (step - warm) / rest) };
  return plan.lr * schedules[plan.schedule].factor(at, plan);
}
