// A training loop: params, metrics by step, an artifact, a table; ended as FAILED where the body throws.
import { withRun } from 'mlflow-ts-client';

await withRun({ experimentName: 'examples', runName: 'train', params: { lr: 1e-4, depth: 8 } }, async (run) => {
  for (let step = 0; step < 100; step++) {
    const loss = 1 / (step + 1);
    run.logMetric('train/loss', loss, { step });
    if (step % 10 === 9) run.logMetrics({ 'val/psnr': 30 + step / 50, 'val/ssim': 0.9 }, { step });
  }
  run.note('# Training\nOne hundred steps.');
  run.logText('done', 'log.txt');
  run.logTable(
    [
      { method: 'bicubic', psnr: 28.1 },
      { method: 'edsr', psnr: 31.9 },
    ],
    'tables/scores.json',
  );
});
