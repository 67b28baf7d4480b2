// Half a cosine from the whole rate down to a floor. Loshchilov and Hutter 2016, arXiv 1608.03983, eq. 5, without restarts.
import type { Schedule } from '../schedule.ts';

export const cosine: Schedule = {
  id: 'cosine',
  title: 'Cosine',
  factor: ({ progress }, { floor }) => floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)),
};
