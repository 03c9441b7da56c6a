import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiFor, type ExtensionApi } from '../../src/extensions/api.js';

/** Where extensions and specs of a test file lie. */
export const folder = mkdtempSync(join(tmpdir(), 'lacuna-extensions-'));
export const at = (name: string): string => join(folder, name);

/** @returns the path of the file that was written. */
export const write = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

export const messageOf = async (what: Promise<unknown>): Promise<string> =>
  what.then(
    () => 'no error',
    (error: unknown) => String((error as Error).message),
  );

/** What registers as the extension of one file would. */
export const registering = (use: (api: ExtensionApi) => void): void =>
  use(apiFor({ file: at('inline.mjs'), digest: 'inline' }));
