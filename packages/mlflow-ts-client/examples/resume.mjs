// A trial that is interrupted, started again, and goes on with the same run: what was logged before is passed over.
import { startRun } from 'mlflow-ts-client';

const options = { experimentName: 'examples', runName: 'resumed', trialKey: 'edsr-seed-1' };
const first = await startRun(options);
for (let step = 0; step < 50; step++) first.logMetric('loss', 1 / (step + 1), { step });
await first.suspend();

const second = await startRun(options);
// Back to the last checkpoint, at step 40.
for (let step = 40; step < 80; step++) second.logMetric('loss', 1 / (step + 1), { step });
await second.end();
