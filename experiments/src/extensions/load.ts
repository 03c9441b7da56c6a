import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LacunaError } from '@lacuna/core';
import { apiFor, type ExtensionApi } from './api.js';
import { ExtensionError, messageOf, placeOf } from './extension-error.js';
import type { ExtensionFile } from './registry.js';

/** What this process has loaded, by file. */
const loaded = new Map<string, ExtensionFile>();

/** An extension that is asked for. */
export interface Asked {
  readonly file: string;
  /** Where it is asked for, as errors name it: "spec.yaml:3:14: extensions", "--extension". */
  readonly by: string;
  /** What it was when a sweep was planned; any content where left out. */
  readonly digest?: string;
}

/**
 * Loads extensions into this process, each file once: what they register is then known to specs, training, scores and
 * tables.
 * @throws {ExtensionError} for a file that is missing, fails, or registers what is wrong, with its line.
 */
export async function loadExtensions(asked: readonly Asked[]): Promise<void> {
  for (const each of asked) await loadOne(each);
}

async function loadOne({ file, by, digest: planned }: Asked): Promise<void> {
  requireFile(file, by);
  const digest = digestOf(file);
  if (planned !== undefined && planned !== digest)
    throw new ExtensionError({
      who: file,
      got: 'another content than when the sweep was planned',
      wanted: 'the extension that the id of the trial is made of',
      remedy: 'start the sweep again: it plans new trials for what was changed',
    });
  if (loaded.has(file)) return;
  const extension = { file, digest };
  const register = await importRegister(file);
  try {
    await register(apiFor(extension));
  } catch (cause) {
    if (cause instanceof LacunaError) throw cause;
    throw new ExtensionError(
      { who: placeOf(file, cause), got: messageOf(cause), wanted: 'an extension that registers and ends' },
      { cause },
    );
  }
  loaded.set(file, extension);
}

/** Whether this Node.js runs TypeScript as it is (22.18 and later, 23.6 and later). */
const stripsTypes = (): boolean => 'typescript' in process.features && Boolean(process.features.typescript);

function requireFile(file: string, by: string): void {
  const isFile = existsSync(file) && statSync(file).isFile();
  if (!isFile)
    throw new ExtensionError({
      who: by,
      got: existsSync(file) ? `${file}, which is no file` : `${file}, which is not there`,
      wanted:
        'a JavaScript module (.mjs): its path begins at the file that names it, on the command line where you stand',
    });
  if (/\.[cm]?ts$/.test(file) && !stripsTypes())
    throw new ExtensionError({
      who: by,
      got: `${file} on Node.js ${process.versions.node}, which does not strip types`,
      wanted: 'a JavaScript module (.mjs), or Node.js 22.18 or later',
    });
}

async function importRegister(file: string): Promise<(api: ExtensionApi) => unknown> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new ExtensionError(
      { who: placeOf(file, cause), got: messageOf(cause), wanted: 'a module that can be loaded' },
      { cause },
    );
  }
  const { default: register } = module;
  if (typeof register === 'function') return register as (api: ExtensionApi) => unknown;
  throw new ExtensionError({
    who: file,
    got: register === undefined ? 'no default export' : `a default export that is ${typeof register}`,
    wanted: 'export default function (lacuna) { ... }',
  });
}

/** Modules that a text imports by a relative path: static imports, exports and calls of `import()`. */
const IMPORTED = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** SHA-256 of a module's text and of those that it imports by a relative path, in the order of their names. */
export function digestOf(file: string): string {
  const texts = new Map<string, string>();
  const visit = (path: string) => {
    if (texts.has(path) || !existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    texts.set(path, text);
    for (const [, name] of text.matchAll(IMPORTED)) visit(resolve(dirname(path), name));
  };
  visit(file);
  const hash = createHash('sha256');
  // Where they lie decides nothing: the first, then the others by their content.
  const [own, ...others] = texts.values();
  for (const text of [own, ...others.sort()]) hash.update(createHash('sha256').update(text).digest());
  return hash.digest('hex');
}
