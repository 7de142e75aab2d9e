import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of a lab test is waiting for engines: more files than cores run side by side.
    maxWorkers: 3,
  },
});
