import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/prepare.ts'],
    // The Temporal native bridge crashes in threads.
    pool: 'forks',
    maxWorkers: 2,
    // These only end what hangs: a slow machine is no mistake of the code.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
