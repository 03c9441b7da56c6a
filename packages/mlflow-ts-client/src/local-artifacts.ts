import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ProxiedArtifacts } from './artifact-store.js';
import type { FileInfo } from './entities/artifact.js';
import type { Page } from './entities/scalars.js';
import type { Rest } from './rest.js';
import { isStreamBody, type HttpRequest } from './transport/transport.js';
import { checkArtifactPath } from './validate.js';

/** What both kinds of artifact folders can do. */
export interface ArtifactStore {
  /**
   * Uploads one file; the same path again replaces it. @throws {MlflowInputError} for a path that leaves the folder.
   */
  upload(path: string, body: HttpRequest['body']): Promise<void>;
  /** The bytes of one file, in pieces as they come; fails where there is none. */
  download(path: string): AsyncIterable<Uint8Array>;
  /** Files and folders directly below a folder, by default the root; empty where there is none. */
  list(path?: string): Promise<Page<FileInfo>>;
}

/** Half a file that an earlier version of this package, or another writer of whole files, was killed over. */
const PART = /\.\d+\.part$/;

/** Artifacts in a folder of this machine, for servers started with `--no-serve-artifacts`. */
export class LocalArtifacts implements ArtifactStore {
  private readonly root: string;

  /** @param root absolute path of the run's artifact folder. */
  constructor(root: string) {
    this.root = root;
  }

  /**
   * Writes into a folder beside the root and renames: a reader sees the old file or the whole new one, and whoever
   * lists the root, the server's page too, never a part of one.
   */
  async upload(name: string, body: HttpRequest['body']): Promise<void> {
    checkArtifactPath('uploadArtifact', name);
    const file = path.join(this.root, name);
    await fs.promises.mkdir(path.dirname(file), { recursive: true });
    const parts = `${this.root.replace(/[\\/]+$/, '')}.parts`;
    await fs.promises.mkdir(parts, { recursive: true });
    const temporary = path.join(parts, randomUUID());
    try {
      if (isStreamBody(body)) await pipeline(body.open(), fs.createWriteStream(temporary, { flags: 'wx' }));
      else await fs.promises.writeFile(temporary, body ?? '', { flag: 'wx' });
      await fs.promises.rename(temporary, file);
    } finally {
      await fs.promises.rm(temporary, { force: true });
      // It stays while another upload, or what a killed process left, lies in it.
      await fs.promises.rmdir(parts).catch(() => undefined);
    }
  }

  /** The bytes of one file, in pieces; fails with ENOENT where there is none. */
  download(name: string): AsyncIterable<Uint8Array> {
    checkArtifactPath('downloadArtifact', name);
    return fs.createReadStream(path.join(this.root, name)) as AsyncIterable<Uint8Array>;
  }

  /** Files and folders directly below a folder, by path; all on one page. */
  async list(name = ''): Promise<Page<FileInfo>> {
    if (name !== '') checkArtifactPath('listArtifacts', name);
    const folder = path.join(this.root, name);
    const found = await fs.promises.readdir(folder, { withFileTypes: true }).catch(() => []);
    const entries = found.filter((entry) => !PART.test(entry.name));
    const items = await Promise.all(
      entries.map(async (entry) => ({
        path: name === '' ? entry.name : `${name}/${entry.name}`,
        isDir: entry.isDirectory(),
        fileSize: entry.isDirectory() ? undefined : (await fs.promises.stat(path.join(folder, entry.name))).size,
      })),
    );
    return { items: items.sort((a, b) => (a.path < b.path ? -1 : 1)), nextPageToken: undefined };
  }
}

/**
 * Opens what an `artifactUri` names: `mlflow-artifacts:` through the server, `file:` and absolute paths directly;
 * else a clear error.
 */
export function openArtifacts(rest: Rest, artifactUri: string): ArtifactStore {
  if (artifactUri.startsWith('file:')) return new LocalArtifacts(fileURLToPath(artifactUri));
  if (path.isAbsolute(artifactUri)) return new LocalArtifacts(artifactUri);
  return new ProxiedArtifacts(rest, artifactUri);
}
