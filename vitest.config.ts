import { defineConfig } from 'vitest/config';

// Two projects: `fast` stays under a minute on two cores, with the files of a worker in one process, because loading
// TensorFlow.js anew for each costs as much as the tests; `slow` (whole models, whole commands, browsers, and what wants a
// process of its own) runs in CI too.
const common = { environment: 'node', testTimeout: 30_000, pool: 'forks' } as const;
export default defineConfig({
  test: {
    reporters: ['default', './test/plain-count.ts'],
    projects: [
      {
        test: {
          ...common,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts'],
          isolate: false,
          maxWorkers: '100%',
        },
      },
      {
        test: {
          ...common,
          name: 'slow',
          include: ['test/**/*.slow.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 }, // after the fast ones
        },
      },
    ],
  },
});
