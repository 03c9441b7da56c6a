import { fileURLToPath, pathToFileURL } from 'node:url';
import { LacunaError, type ErrorParts } from '@lacuna/core';

/** An extension that does not do what its kind has to: the mistake of who wrote it. Exit status 2. */
export class ExtensionError extends LacunaError {
  constructor(parts: ErrorParts, options: { cause?: unknown } = {}) {
    super('ExtensionError', parts, { ...options, exitCode: 2 });
  }
}

/** What an error names: the extension's file and the line in it, as far as a stack tells. */
export function placeOf(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(`${name}:`);
    const line = at < 0 ? null : /^:(\d+)/.exec(stack.slice(at + name.length));
    if (line) return `${file}:${line[1]}`;
  }
  return file;
}

/** The line of an extension's file that calls now; the file alone where it does not. */
export const callerIn = (file: string): string => placeOf(file, new Error('where'));

/** What an error says, in its first line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n')[0].replaceAll(/file:\/\/\S+/g, (url) => pathIn(url));
}

function pathIn(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
