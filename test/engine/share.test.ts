import { expect, test } from 'vitest';
import { shareThreads } from '../../src/engine/share.ts';

test.each([
  [1, 2, { sessions: 1, threads: 2 }],
  [4, 2, { sessions: 2, threads: 1 }],
  [3, 2, { sessions: 1, threads: 2 }], // two and then one would leave a core idle
  [4, 16, { sessions: 4, threads: 4 }],
  [3, 4, { sessions: 1, threads: 4 }],
  [5, 16, { sessions: 5, threads: 3 }],
  [7, 1, { sessions: 1, threads: 1 }],
])('%i runs on %i threads', (runs, budget, share) => {
  expect(shareThreads(runs, budget)).toEqual(share);
});
