import { workerData } from 'node:worker_threads';
import { serveWorker } from '@lacuna/core';
import { sampleBatch } from './patch-sampling.js';
import type { BatchRequest, PatchSourceOptions } from './patch-types.js';

const options = workerData as PatchSourceOptions;

serveWorker<BatchRequest, Record<string, Float32Array>>(({ step }) => {
  const output = sampleBatch(options, step);
  return { output, transfer: Object.values(output).map((values) => values.buffer as ArrayBuffer) };
});
