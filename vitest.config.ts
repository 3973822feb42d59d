import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/types/*.test-d.ts'] },
    reporters: ['default', './test/helpers/DriverReporter.ts'],
    globalSetup: 'test/helpers/globalSetup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
