import { z } from 'zod';
import { int64, keyValues } from './scalars.js';

/** Reads an experiment as the server sends it. */
export const Experiment = z
  .object({
    experiment_id: z.string(),
    name: z.string(),
    artifact_location: z.string().optional().default(''),
    lifecycle_stage: z.enum(['active', 'deleted']),
    creation_time: int64.optional(),
    last_update_time: int64.optional(),
    tags: keyValues,
  })
  .transform((wire) => ({
    experimentId: wire.experiment_id,
    name: wire.name,
    artifactLocation: wire.artifact_location,
    lifecycleStage: wire.lifecycle_stage,
    creationTime: wire.creation_time,
    lastUpdateTime: wire.last_update_time,
    tags: wire.tags,
  }));
/** An experiment. Times are milliseconds since 1970. */
export type Experiment = z.output<typeof Experiment>;
