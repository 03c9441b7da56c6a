import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['../../tools/vitest/scratch.mjs'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Files of a package share their modules: to load them anew for each took a third of the time.
    isolate: false,
  },
  resolve: { conditions: ['lacuna-source', 'import', 'node', 'default'] },
  ssr: { resolve: { conditions: ['lacuna-source', 'import', 'node', 'default'] } },
});
