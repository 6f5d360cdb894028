import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/prepare.ts'],
    // The Temporal native bridge crashes in threads.
    pool: 'forks',
    maxWorkers: 2,
    // A real server may have to start first, on a slow machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
