import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Interop, fault and demo tests start real programs and bind real ports: they run apart, and mostly wait, so three at a time. */
const systemTests = 'packages/*/src/**/*.system.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [systemTests],
          // Many of them make keys and stretch passphrases: on a busy machine that takes long, and is no fault.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One after the other in one process: none leaves anything behind that another could meet, and to load the same
          // modules for each file anew takes as long as the tests of it.
          isolate: false,
          // Every processor, where vitest would leave one idle: on two of them that is half the time.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          include: [systemTests],
          isolate: false, // as above
          maxWorkers: 2,
          // Within a file, too: those that say they may run side by side.
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
