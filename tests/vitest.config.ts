import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['end-to-end/**/*.test.ts', 'browser/**/*.test.ts', 'conformance/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, pool: 'forks' },
  resolve: { conditions: ['lacuna-source', 'node'] },
  ssr: { resolve: { conditions: ['lacuna-source', 'node'] } },
});
