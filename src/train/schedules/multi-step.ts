// A drop at each milestone, torch's MultiStepLR: factor^(milestones reached).
import type { Schedule } from '../schedule.ts';

export const multiStep: Schedule = {
  id: 'multi-step',
  title: 'Drops at milestones',
  factor: ({ epoch }, { milestones, factor }) => factor ** milestones.filter((milestone) => epoch >= milestone).length,
};
