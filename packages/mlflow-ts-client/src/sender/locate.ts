import type { MlflowClient } from '../client.js';
import { MlflowInputError, MlflowProtocolError, MlflowServerError, MlflowVersionError } from '../errors.js';
import { where } from '../filter.js';
import type { HeaderRecord } from '../spool/record.js';
import { BlockedError, isRefusal } from './failures.js';

/**
 * The tag by which a run, and a logged model, is known to be ours: creations are not idempotent at the server, so we
 * look first.
 */
export const KEY_TAG = 'mlflow-ts-client.key';

/** The tag that holds a run's name. */
export const RUN_NAME_TAG = 'mlflow.runName';

/** A run as the server knows it. */
export interface LocatedRun {
  /** The server's id of the run. */
  readonly runId: string;
  /** The id of its experiment. */
  readonly experimentId: string;
  /** Address of its artifacts. */
  readonly artifactUri: string;
}

/** The id of the experiment of that name, created where it is missing; two creators at once are fine. */
async function locateExperiment(client: MlflowClient, name: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      const experiment = await client.getExperimentByName(name);
      if (experiment.lifecycleStage === 'active') return experiment.experimentId;
    } catch (error) {
      if (!isCode(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
      try {
        return await client.createExperiment(name);
      } catch (creation) {
        if (attempt < 2 && isCode(creation, 'RESOURCE_ALREADY_EXISTS')) continue;
        throw creation;
      }
    }
    throw new BlockedError(
      new MlflowInputError({
        who: 'experiment',
        got: `"${name}", which is deleted`,
        wanted: 'an active experiment',
        remedy: 'Restore it with restoreExperiment, or choose another name; then sync.',
      }),
    );
  }
}

/** A server that is too old would refuse a run's items one by one: nothing is sent to it. */
export async function refuseOldServer(client: MlflowClient): Promise<void> {
  try {
    await client.checkServer();
  } catch (error) {
    if (error instanceof MlflowVersionError) throw new BlockedError(error);
    // A gateway that hides `/version` answers 404; what is wrong with others shows at the next request.
    if (!isRefusal(error) && !(error instanceof MlflowProtocolError)) throw error;
  }
}

/** Our run, by id where one was named, by its key else; created where there is none. */
export async function locateRun(client: MlflowClient, header: HeaderRecord): Promise<LocatedRun> {
  if (header.runId !== undefined) {
    try {
      const { info } = await client.getRun(header.runId);
      if (info.lifecycleStage === 'active') return info;
    } catch (error) {
      if (!isCode(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
    }
    throw goneRun(header.runId);
  }
  const experimentId = await locateExperiment(client, header.experimentName);
  const found = await findByKey(client, experimentId, header.key);
  if (found.length > 0) return found[0];
  const created = await client.createRun(experimentId, {
    runName: header.runName,
    startTime: header.startTime,
    userId: header.userId,
    tags: { [KEY_TAG]: header.key },
  });
  return created.info;
}

/** Removes runs that a repeated or duplicated creation left behind. */
export async function removeDuplicates(client: MlflowClient, header: HeaderRecord, located: LocatedRun): Promise<void> {
  if (header.runId !== undefined) return;
  for (const run of await findByKey(client, located.experimentId, header.key)) {
    if (run.runId !== located.runId) await unlessRefused(client.deleteRun(run.runId));
  }
}

/** Oldest first, so that every process that looks chooses the same one. */
async function findByKey(client: MlflowClient, experimentId: string, key: string): Promise<LocatedRun[]> {
  const { items } = await client.searchRuns([experimentId], {
    filter: where.tag(KEY_TAG, '=', key),
    orderBy: ['attributes.start_time ASC', 'attributes.run_id ASC'],
  });
  return items.map((run) => run.info);
}

/** What blocks a run that the server has no more. */
export function goneRun(runId: string): BlockedError {
  return new BlockedError(
    new MlflowInputError({
      who: 'run',
      got: `${runId}, which is deleted or does not exist`,
      wanted: 'an active run',
      remedy: 'Restore it with restoreRun and sync; or delete its spool folder.',
    }),
  );
}

/** Whether the server refused with that word, such as `RESOURCE_DOES_NOT_EXIST`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof MlflowServerError && error.errorCode === code;
}

/** A deletion that the server refuses was done already, by an attempt whose answer was lost. */
export async function unlessRefused(deletion: Promise<void>): Promise<void> {
  await deletion.catch((error: unknown) => {
    if (!isRefusal(error)) throw error;
  });
}
