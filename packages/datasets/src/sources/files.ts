import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** What a checksum is, by its length: MD5 is what some repositories publish. */
export function checksumKind(checksum: string): 'sha256' | 'md5' {
  return checksum.length === 32 ? 'md5' : 'sha256';
}

/** Checksum of a file, in hexadecimal, read as a stream. */
export async function checksumOfFile(path: string, kind: 'sha256' | 'md5'): Promise<string> {
  const hash = createHash(kind);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** SHA-256 of a file, in hexadecimal. */
export function sha256OfFile(path: string): Promise<string> {
  return checksumOfFile(path, 'sha256');
}

/** Whether a file is there with exactly these contents. */
export async function holds(path: string, checksum: string, bytes: number): Promise<boolean> {
  return (
    existsSync(path) &&
    statSync(path).size === bytes &&
    (await checksumOfFile(path, checksumKind(checksum))) === checksum
  );
}
