import { defineConfig } from 'vitest/config';

// vitest reads its configuration only from a default export.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    setupFiles: ['test/repeatable.ts'],
  },
});
