import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['../tools/vitest/scratch.mjs'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
  resolve: { conditions: ['lacuna-source', 'node'] },
  ssr: { resolve: { conditions: ['lacuna-source', 'node'] } },
});
