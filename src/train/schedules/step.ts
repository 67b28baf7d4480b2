// A drop every so many epochs, torch's StepLR: factor^floor(epoch / every).
import type { Schedule } from '../schedule.ts';

export const step: Schedule = {
  id: 'step',
  title: 'Drops at even distances',
  factor: ({ epoch }, { every, factor }) => factor ** Math.floor(epoch / every),
};
