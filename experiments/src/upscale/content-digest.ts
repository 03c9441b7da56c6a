import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of a file's bytes; of a folder (OME-Zarr), of the names and bytes of all files in it. */
export async function contentDigest(path: string): Promise<string> {
  if (!statSync(path).isDirectory()) return fileDigest(path);
  const hash = createHash('sha256');
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(path, entry);
    if (statSync(file).isFile()) hash.update(`${entry.replaceAll('\\', '/')}\0${await fileDigest(file)}\n`);
  }
  return hash.digest('hex');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
