import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { resolveConfig, type ClientOptions } from './config.js';
import type { FileInfo } from './entities/artifact.js';
import { openArtifacts, type ArtifactStore } from './local-artifacts.js';
import { Rest } from './rest.js';
import { MlflowRestClient } from './rest-client.js';
import { createNodeTransport } from './transport/node.js';
import type { StreamBody, Transport } from './transport/transport.js';

/**
 * MLflow's whole REST API from Node: one method for each call, named as in Python's `MlflowClient`, and artifacts
 * from and to files.
 */
export class MlflowClient extends MlflowRestClient {
  /** @throws {MlflowInputError} where no server is named. */
  constructor(options: ClientOptions | Rest = {}, transport?: Transport) {
    super(options, options instanceof Rest ? undefined : (transport ?? createNodeTransport(resolveConfig(options))));
  }

  /** A client of the same server and connections whose calls all end when the signal aborts. */
  cancelledBy(signal: AbortSignal): MlflowClient {
    return new MlflowClient(this.rest.cancelledBy(signal));
  }

  /** A run's artifact folder. */
  async artifacts(runId: string): Promise<ArtifactStore> {
    return openArtifacts(this.rest, (await this.getRun(runId)).info.artifactUri);
  }

  /** Uploads one file, streamed. @param artifactPath folder among the artifacts; default: their root. */
  async logArtifact(runId: string, localPath: string, artifactPath?: string): Promise<void> {
    const store = await this.artifacts(runId);
    const name = path.basename(localPath);
    await store.upload(artifactPath === undefined ? name : `${artifactPath}/${name}`, fileBody(localPath));
  }

  /** Uploads a folder's files with their relative paths. */
  async logArtifacts(runId: string, localDir: string, artifactPath?: string): Promise<void> {
    const store = await this.artifacts(runId);
    const entries = await fs.promises.readdir(localDir, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((candidate) => candidate.isFile())) {
      const file = path.join(entry.parentPath, entry.name);
      const relative = path.relative(localDir, file).split(path.sep).join('/');
      await store.upload(artifactPath === undefined ? relative : `${artifactPath}/${relative}`, fileBody(file));
    }
  }

  /** Files and folders directly below a folder of the run's artifacts. */
  async listArtifacts(runId: string, folder?: string): Promise<FileInfo[]> {
    const items: FileInfo[] = [];
    let pageToken: string | undefined;
    do {
      const page = await this.listArtifactsPage(runId, { path: folder, pageToken });
      items.push(...page.items);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return items;
  }

  /** Reads one artifact whole. */
  async readArtifact(runId: string, artifactPath: string): Promise<Uint8Array> {
    const store = await this.artifacts(runId);
    const parts: Uint8Array[] = [];
    for await (const chunk of store.download(artifactPath)) parts.push(chunk);
    return Buffer.concat(parts);
  }

  /**
   * Streams a file, or a folder with all below it, into a local folder.
   * @returns the local path of what was asked for.
   */
  async downloadArtifacts(runId: string, artifactPath: string, destination: string): Promise<string> {
    const store = await this.artifacts(runId);
    const target = path.join(destination, artifactPath);
    const { items } = await store.list(artifactPath);
    if (items.length === 0) {
      await fs.promises.mkdir(path.dirname(target), { recursive: true });
      // Under another name until whole: a cut download leaves nothing that looks finished.
      const part = `${target}.${randomUUID()}.part`;
      try {
        await pipeline(store.download(artifactPath), fs.createWriteStream(part, { flags: 'wx' }));
        await fs.promises.rename(part, target);
      } finally {
        await fs.promises.rm(part, { force: true });
      }
    }
    for (const item of items) await this.downloadArtifacts(runId, item.path, destination);
    return target;
  }
}

/** A file as a body that can be read again for a retry. */
export function fileBody(file: string): StreamBody {
  return { size: fs.statSync(file).size, open: () => fs.createReadStream(file) as AsyncIterable<Uint8Array> };
}
