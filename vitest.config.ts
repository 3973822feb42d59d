import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The file's name says the project: `*.database.test.ts` may start servers and commands, every other test starts nothing. */
const DATABASE = 'test/**/*.database.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', './test/helpers/DriverReporter.ts'],
    // Tests of commands wait for a process most of the time, so there may be one more worker than cores.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [DATABASE],
          typecheck: { enabled: true, include: ['test/types/*.test-d.ts'] },
          // `refuseInUnit()` reads it.
          env: { TEST_PROJECT: 'unit' },
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'database',
          include: [DATABASE],
          globalSetup: 'test/helpers/globalSetup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
