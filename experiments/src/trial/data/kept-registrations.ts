import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@lacuna/core';
import type { RegistrationStore, VolumeAlignment } from '@lacuna/datasets';
import { writeJson } from '../../machine/json-file.js';
import { RESULTS_VERSION } from '../../machine/workspace.js';

/**
 * Registrations in the folder that the trials of a sweep share: the first trial on a measured pair finds how it lies,
 * the others read its eleven numbers. Two that begin together both find the same.
 */
export function keptRegistrations(shared: string): RegistrationStore {
  const pathOf = (key: string) => join(shared, `registration-${RESULTS_VERSION}-${key.slice(0, 16)}.json`);
  return {
    read(key) {
      const path = pathOf(key);
      return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as VolumeAlignment) : null;
    },
    keep(key, found) {
      makeFolder(shared);
      writeJson(pathOf(key), found);
    },
  };
}
