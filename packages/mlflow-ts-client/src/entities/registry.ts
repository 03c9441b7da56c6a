import { z } from 'zod';
import { int64, keyValues } from './scalars.js';

/** Reads a version of a registered model as the server sends it. */
export const ModelVersion = z
  .object({
    name: z.string(),
    version: z.union([z.string(), z.number().transform(String)]),
    creation_timestamp: int64.optional(),
    last_updated_timestamp: int64.optional(),
    user_id: z.string().optional(),
    current_stage: z.string().optional(),
    description: z.string().optional().default(''),
    source: z.string().optional().default(''),
    run_id: z.string().optional(),
    run_link: z.string().optional(),
    status: z.string().optional(),
    status_message: z.string().optional(),
    tags: keyValues,
    aliases: z.array(z.string()).optional().default([]),
    model_id: z.string().optional(),
  })
  .transform((wire) => ({
    name: wire.name,
    version: wire.version,
    creationTimestamp: wire.creation_timestamp,
    lastUpdatedTimestamp: wire.last_updated_timestamp,
    userId: wire.user_id || undefined,
    currentStage: wire.current_stage || undefined,
    description: wire.description,
    source: wire.source,
    runId: wire.run_id || undefined,
    runLink: wire.run_link || undefined,
    status: wire.status,
    statusMessage: wire.status_message || undefined,
    tags: wire.tags,
    aliases: wire.aliases,
    modelId: wire.model_id || undefined,
  }));
/** One version of a registered model. Versions are decimal strings, as in Python. */
export type ModelVersion = z.output<typeof ModelVersion>;

/** Reads a registered model as the server sends it. */
export const RegisteredModel = z
  .object({
    name: z.string(),
    creation_timestamp: int64.optional(),
    last_updated_timestamp: int64.optional(),
    description: z.string().optional().default(''),
    latest_versions: z.array(ModelVersion).optional().default([]),
    tags: keyValues,
    aliases: z
      .array(z.object({ alias: z.string(), version: z.string() }))
      .optional()
      .default([]),
  })
  .transform((wire) => ({
    name: wire.name,
    creationTimestamp: wire.creation_timestamp,
    lastUpdatedTimestamp: wire.last_updated_timestamp,
    description: wire.description,
    latestVersions: wire.latest_versions,
    tags: wire.tags,
    aliases: Object.fromEntries(wire.aliases.map(({ alias, version }) => [alias, version])),
  }));
/** A registered model. */
export type RegisteredModel = z.output<typeof RegisteredModel>;
