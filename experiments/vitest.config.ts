import { defineConfig } from 'vitest/config';
import { packages } from '../tools/vitest/packages.js';

const { resolve, ssr, server } = packages;
const shared = { testTimeout: 300_000, hookTimeout: 300_000, pool: 'forks', server } as const;
/** They add to catalogues that all files of a process share. */
const extensions = 'test/extensions/**/*.test.ts';

export default defineConfig({
  test: {
    globalSetup: ['../tools/vitest/scratch.mjs'],
    projects: [
      {
        test: {
          ...shared,
          name: 'experiments',
          include: ['test/**/*.test.ts'],
          exclude: [extensions],
          // Files share their modules: to load them anew for each took a third of the time.
          isolate: false,
        },
        resolve,
        ssr,
      },
      { test: { ...shared, name: 'extensions', include: [extensions] }, resolve, ssr },
    ],
  },
});
