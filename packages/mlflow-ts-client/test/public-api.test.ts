import { expect, it } from 'vitest';
import * as api from '../src/index.js';

it('the public API is this', () => {
  expect(Object.keys(api).sort()).toEqual([
    'Filter',
    'LIMITS',
    'LOGGED_MODEL_STATUSES',
    'LocalArtifacts',
    'MlflowAuthError',
    'MlflowClient',
    'MlflowConnectionError',
    'MlflowError',
    'MlflowInputError',
    'MlflowProtocolError',
    'MlflowServerError',
    'MlflowSpoolError',
    'MlflowVersionError',
    'OLDEST_SERVER',
    'ProxiedArtifacts',
    'RUN_STATUSES',
    'Run',
    'SystemSampler',
    'endLostRuns',
    'openArtifacts',
    'openSpool',
    'redactUserInfo',
    'splitTrackingUri',
    'startRun',
    'syncSpools',
    'tableToJson',
    'where',
    'withRun',
  ]);
});
