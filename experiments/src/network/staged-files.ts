import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { diskFailure, guardTemporary, makeFolder, temporaryPath } from '@lacuna/core';

/**
 * Writes several files so that all appear together or none: `write` fills a folder beside them, under the names that
 * they will have; then each takes its place. What lay there before goes, and is put back where one cannot be moved.
 * @param files of one folder, in the order in which they are moved.
 * @throws what `write` throws, as it is; {@link FailureError} where the disk refuses the rest.
 */
export async function stageFiles(
  files: readonly string[],
  write: (staged: (file: string) => string) => Promise<void>,
): Promise<void> {
  const [first] = files;
  makeFolder(dirname(first));
  const folder = temporaryPath(first);
  const earlier = join(folder, 'earlier');
  const release = guardTemporary(folder);
  try {
    makeFolder(earlier);
    const staged = (file: string) => join(folder, basename(file));
    await write(staged);
    const moved: { from: string; to: string }[] = [];
    const move = (from: string, to: string) => {
      renameSync(from, to);
      moved.push({ from, to });
    };
    try {
      for (const file of files) {
        if (existsSync(file)) move(file, join(earlier, basename(file)));
        move(staged(file), file);
      }
    } catch (error) {
      for (const { from, to } of moved.reverse()) renameSync(to, from);
      throw diskFailure(first, error, 'all files of a network, or none', 'check that the folder may be written');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    release();
  }
}
