import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { packages } from '../tools/vitest/packages.js';

const { resolve, ssr, server } = packages;
const scratch = '../tools/vitest/scratch.mjs';
// Files share their modules: what they test are processes of their own.
const shared = { testTimeout: 300_000, hookTimeout: 300_000, pool: 'forks', isolate: false, server } as const;
/** Tests of one MLflow server, which starts once and only for them. */
const tracked = [
  'end-to-end/tracking.test.ts',
  'end-to-end/upscale.test.ts',
  'browser/client.test.ts',
  'browser/mlflow-ui.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: [scratch],
    projects: [
      {
        test: {
          ...shared,
          name: 'mlflow',
          include: tracked,
          globalSetup: ['./mlflow/shared-server.ts'],
        },
        resolve,
        ssr,
      },
      {
        test: {
          ...shared,
          name: 'plain',
          // Two at least: where a file waits for a page, a server or the disk, another one works.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          include: ['end-to-end', 'conformance', 'browser', 'servers'].map((folder) => `${folder}/**/*.test.ts`),
          exclude: tracked,
        },
        resolve,
        ssr,
      },
      // A scheduler of its own: jobs are this machine's load, so that its files do not run beside each other.
      {
        test: {
          ...shared,
          name: 'cluster',
          include: ['cluster/**/*.test.ts'],
          fileParallelism: false,
        },
        resolve,
        ssr,
      },
    ],
  },
});
