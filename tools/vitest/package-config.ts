import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { packages } from './packages.js';

/**
 * How the tests of a package run.
 * @param options.isolate whether each file loads its modules anew; where it need not, a third of the time is saved.
 */
export function packageConfig({ isolate }: { readonly isolate: boolean }): ViteUserConfig {
  return defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      globalSetup: [fileURLToPath(new URL('./scratch.mjs', import.meta.url))],
      testTimeout: 300_000,
      hookTimeout: 300_000,
      pool: 'forks',
      isolate,
      server: packages.server,
    },
    resolve: packages.resolve,
    ssr: packages.ssr,
  });
}
