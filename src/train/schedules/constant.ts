// The same rate throughout.
import type { Schedule } from '../schedule.ts';

export const constant: Schedule = { id: 'constant', title: 'Constant', factor: () => 1 };
