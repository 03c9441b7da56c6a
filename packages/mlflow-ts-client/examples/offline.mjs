// Logging without a server; what lies in the spool is delivered later, once.
import { openSpool, startRun, syncSpools } from 'mlflow-ts-client';

const spoolDir = 'spool-of-a-compute-node';
const run = await startRun({ spoolDir, experimentName: 'examples', runName: 'offline', trackingUri: '' });
run.logMetric('loss', 0.5, { step: 1 });
await run.logBytes(new Uint8Array(100_000), 'weights.bin');
await run.end();

// Later, where the server of MLFLOW_TRACKING_URI can be reached:
const [synced] = await syncSpools(spoolDir);
console.log(synced.outcome, openSpool(spoolDir).runs().length);
