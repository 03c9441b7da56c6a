import { setTimeout as sleep } from 'node:timers/promises';
import {
  MlflowClient,
  MlflowConnectionError,
  MlflowError,
  MlflowProtocolError,
  MlflowServerError,
} from 'mlflow-ts-client';

/** How long a server may take to say whether it is one: on a busy machine a local one beside training takes seconds. */
export const ANSWER_MS = 20_000;

/** A connection that is lost within this time is tried once more: it may have been the only one. */
const SOON_MS = 1000;

/**
 * Why nothing can be delivered at an address for now, or null: nobody answers, another program does, the server lets
 * nobody in, or its experiment is deleted. It has `answerMs` milliseconds to say so. A server in trouble of its own
 * (5xx) is tried.
 */
export async function whyNoMlflow(
  uri: string,
  experiment: string,
  { signal, answerMs }: { readonly signal: AbortSignal; readonly answerMs: number },
): Promise<string | null> {
  const client = new MlflowClient({ trackingUri: uri, requestTimeoutMs: answerMs, maxRetries: 0 }).cancelledBy(signal);
  for (let attempt = 1; ; attempt++) {
    const began = performance.now();
    try {
      const { lifecycleStage, experimentId } = await client.getExperimentByName(experiment);
      return lifecycleStage === 'deleted' ? deletedExperiment(experiment, experimentId) : null;
    } catch (error) {
      if (signal.aborted) return 'stopped before it answered';
      if (isMissing(error) || isServerTrouble(error)) return null;
      if (!(error instanceof MlflowConnectionError)) return describe(error);
      if (attempt === 2 || performance.now() - began > SOON_MS) return error.got;
      await sleep(300);
    }
  }
}

/** MLflow's answer where the experiment has no run yet. */
export const isMissing = (error: unknown): boolean =>
  error instanceof MlflowServerError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST';

const isServerTrouble = (error: unknown): boolean =>
  (error instanceof MlflowProtocolError || error instanceof MlflowServerError) && error.status >= 500;

function deletedExperiment(name: string, id: string): string {
  return (
    `got the experiment "${name}", which is deleted there, wanted one to log to; restore it ` +
    `(mlflow experiments restore --experiment-id ${id}) or set tracking.experiment to another name`
  );
}

function describe(error: unknown): string {
  if (!(error instanceof MlflowError)) return String(error);
  const remedy = `${error.remedy.charAt(0).toLowerCase()}${error.remedy.slice(1).replace(/\.$/, '')}`;
  return `got ${error.got}, wanted ${error.wanted}; ${remedy}`;
}
