import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { zipSync } from 'fflate';

/** A folder as a zip, its files below its name or at the zip's root. */
export function zipFolder(path: string, { isRooted = false, level = 0 as 0 | 6 } = {}): Uint8Array {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const prefix = isRooted ? '' : `${basename(path)}/`;
  return zipSync(
    Object.fromEntries(
      files.map(({ parentPath, name }) => {
        const file = join(parentPath, name);
        return [prefix + relative(path, file).split(sep).join('/'), readFileSync(file)];
      }),
    ),
    { level },
  );
}
