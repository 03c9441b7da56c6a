import { execFileSync } from 'node:child_process';
import { workspaceRoot } from './workspace.js';

/** The commit of Lacuna's own working tree; null where it is no checkout. */
export function sourceCommit(): string | null {
  try {
    return (
      execFileSync('git', ['rev-parse', 'HEAD'], {
        cwd: workspaceRoot,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim() || null
    );
  } catch {
    return null;
  }
}
