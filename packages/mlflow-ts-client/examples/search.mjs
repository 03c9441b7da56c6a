// Finding runs with the REST client.
import { MlflowClient, where } from 'mlflow-ts-client';

const client = new MlflowClient();
const experimentId = await client.createExperiment('examples-search');
for (const psnr of [29, 31, 33]) {
  const { info } = await client.createRun(experimentId, { runName: `run-${psnr}`, tags: { sweep: 'a1' } });
  await client.logMetric(info.runId, 'val/psnr', psnr);
  await client.setTerminated(info.runId);
}
const filter = where.tag('sweep', '=', 'a1').and(where.metric('val/psnr', '>', 30));
for await (const run of client.runs([experimentId], { filter, orderBy: ['metrics.`val/psnr` DESC'] }))
  console.log(run.info.runName, run.data.metrics['val/psnr']);
