import type { ViteUserConfig } from 'vitest/config';

/**
 * nx builds what a target needs before it: its tests load packages of ours as they were built, by Node alone. A test
 * that is run by hand takes their sources, built or not.
 */
const isBuilt = process.env['NX_TASK_TARGET_PROJECT'] !== undefined;

const conditions = isBuilt ? ['node'] : ['lacuna-source', 'node'];

/** How a test finds those packages of ours that it does not belong to. */
export const packages = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  /** vitest would transform what is not in `node_modules`, and each use of an import look its module up. */
  server: { deps: { external: [/[\\/]packages[\\/][^\\/]+[\\/]dist[\\/]/] } },
} satisfies Pick<ViteUserConfig, 'resolve' | 'ssr'> & Record<string, unknown>;
