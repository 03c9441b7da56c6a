import { join } from 'node:path';
import type { Command } from 'commander';
import { FailureError } from '@lacuna/core';
import { readSetupState } from '../machine/setup-state.js';
import {
  ensureTrackingServer,
  stopTrackingServer,
  trackingServerStatus,
  type TrackingServerStatus,
} from '../tracking/server.js';
import { stateFolder } from '../machine/workspace.js';

/** `lacuna mlflow start|stop|status`: the local tracking server. */
export function register(program: Command): void {
  const dir = join(stateFolder, 'mlflow');
  const command = program.command('mlflow').description('the local MLflow server that sweeps log to');
  command
    .command('start')
    .description('start it, or find the one that runs')
    .action(async () => {
      const server = await ensureTrackingServer({ dir, python: readSetupState()?.mlflow?.python ?? null });
      if ('unavailable' in server)
        throw new FailureError({
          who: 'MLflow',
          got: server.unavailable,
          wanted: 'a running server',
          remedy: 'npm run setup says what is missing',
        });
      console.log(`${server.uri}${server.started ? '' : ' (was running)'}`);
    });
  command
    .command('stop')
    .description('end it; what was logged stays')
    .action(async () => {
      console.log((await stopTrackingServer(dir)) ? 'stopped' : 'was not running');
    });
  command
    .command('status')
    .description('whether and where it runs')
    .action(async () => {
      console.log(describeStatus(await trackingServerStatus(dir)));
    });
}

function describeStatus({ running, orphaned, healthy, uri, pid, log }: TrackingServerStatus): string {
  if (!running) return `not running; log: ${log}`;
  if (orphaned)
    return (
      `its main process is gone, and a worker (process group ${pid}) goes on without it: ` +
      `lacuna mlflow start ends that and starts it anew, lacuna mlflow stop ends it; log: ${log}`
    );
  return `${uri}, process ${pid}, ${healthy ? 'answers' : 'does not answer yet'}; log: ${log}`;
}
