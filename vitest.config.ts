import { defineConfig } from 'vitest/config';

// Two projects: `fast` stays under a minute on two cores; `slow` (whole models, whole commands, browsers) runs in CI too.
const common = { environment: 'node', testTimeout: 30_000, pool: 'forks' } as const;
export default defineConfig({
  test: {
    reporters: ['default', './test/plain-count.ts'],
    projects: [
      { test: { ...common, name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/**/*.slow.test.ts'] } },
      {
        test: {
          ...common,
          name: 'slow',
          include: ['test/**/*.slow.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
