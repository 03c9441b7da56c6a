import { defineConfig } from 'vitest/config';

const scratch = '../tools/vitest/scratch.mjs';
const shared = { testTimeout: 300_000, hookTimeout: 300_000, pool: 'forks' } as const;
const resolve = { conditions: ['lacuna-source', 'node'] };
/** Tests of one MLflow server, which starts once and only for them. */
const tracked = ['end-to-end/tracking.test.ts', 'end-to-end/upscale.test.ts', 'browser/**/*.test.ts'];

export default defineConfig({
  test: {
    globalSetup: [scratch],
    projects: [
      // Second: its server needs half a minute to start, which the others need not wait for.
      {
        test: {
          ...shared,
          name: 'mlflow',
          include: tracked,
          sequence: { groupOrder: 1 },
          globalSetup: ['./mlflow/shared-server.ts'],
        },
        resolve,
        ssr: { resolve },
      },
      {
        test: {
          ...shared,
          name: 'plain',
          include: ['end-to-end/**/*.test.ts', 'conformance/**/*.test.ts'],
          exclude: tracked,
          sequence: { groupOrder: 0 },
        },
        resolve,
        ssr: { resolve },
      },
      // A scheduler of its own: jobs are this machine's load, so that nothing runs beside.
      {
        test: {
          ...shared,
          name: 'cluster',
          include: ['cluster/**/*.test.ts'],
          sequence: { groupOrder: 2 },
          fileParallelism: false,
        },
        resolve,
        ssr: { resolve },
      },
    ],
  },
});
