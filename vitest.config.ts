import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The file's name says the project: `*.database.test.ts` may start servers and commands, every other test starts nothing. */
const DATABASE = 'test/**/*.database.test.ts';

export default defineConfig({
  test: {
    // What commands load at each start is compiled once, not for each process.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node-compile') },
    reporters: ['default', './test/helpers/DriverReporter.ts'],
    // Vitest leaves one core free by default: on two cores that is one worker, which mostly waits for a process.
    maxWorkers: availableParallelism(),
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
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
