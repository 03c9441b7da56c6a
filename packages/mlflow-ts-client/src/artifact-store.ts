import { FileInfo } from './entities/artifact.js';
import { nextPageToken, nothing, type Page } from './entities/scalars.js';
import { MlflowInputError, quote } from './errors.js';
import type { Rest } from './rest.js';
import type { HttpRequest } from './transport/transport.js';
import { checkArtifactPath } from './validate.js';
import { z } from 'zod';

const listing = z.object({ files: z.array(FileInfo).optional().default([]), next_page_token: nextPageToken });

/**
 * Artifacts behind the server's proxy, addressed by what a run's or model's `artifactUri` says
 * (`mlflow-artifacts:/1/<run>/artifacts`).
 */
export class ProxiedArtifacts {
  private readonly rest: Rest;
  private readonly root: string;

  /** @throws {MlflowInputError} for a scheme that the server does not proxy. */
  constructor(rest: Rest, artifactUri: string) {
    this.rest = rest;
    this.root = proxiedRoot(artifactUri);
  }

  /** Uploads one file; the same path again replaces it. */
  upload(path: string, body: HttpRequest['body'], options: { signal?: AbortSignal } = {}): Promise<void> {
    checkArtifactPath('uploadArtifact', path);
    return this.rest.call({
      method: 'PUT',
      path: this.address(path),
      body: body ?? '',
      response: nothing,
      retry: 'idempotent',
      signal: options.signal,
    });
  }

  /** The bytes of one file, in pieces as they come. */
  async *download(path: string): AsyncIterable<Uint8Array> {
    checkArtifactPath('downloadArtifact', path);
    const response = await this.rest.open({ method: 'GET', path: this.address(path), retry: 'idempotent' });
    yield* response.chunks();
  }

  /** Files and folders directly below a folder; paths are relative to the run's artifacts. */
  async list(path = ''): Promise<Page<FileInfo>> {
    const folder = path === '' ? this.root : `${this.root}/${path}`;
    const { files, next_page_token } = await this.rest.call({
      method: 'GET',
      path: '/api/2.0/mlflow-artifacts/artifacts',
      query: { path: folder },
      response: listing,
      retry: 'idempotent',
    });
    const items = files.map((file) => ({ ...file, path: path === '' ? file.path : `${path}/${file.path}` }));
    return { items, nextPageToken: next_page_token };
  }

  /** Deletes a file, or a folder with all that is in it. */
  delete(path: string): Promise<void> {
    checkArtifactPath('deleteArtifact', path);
    return this.rest.call({ method: 'DELETE', path: this.address(path), response: nothing, retry: 'never' });
  }

  private address(path: string): string {
    const parts = [...this.root.split('/'), ...path.split('/')].map(encodeURIComponent);
    return `/api/2.0/mlflow-artifacts/artifacts/${parts.join('/')}`;
  }
}

/** `mlflow-artifacts:/1/abc/artifacts` and `mlflow-artifacts://host/1/abc/artifacts` as `1/abc/artifacts`. */
function proxiedRoot(artifactUri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(artifactUri);
  if (match === null) {
    throw new MlflowInputError({
      who: 'artifacts',
      got: quote(artifactUri),
      wanted: 'mlflow-artifacts:/...',
      remedy:
        'Start the server with --serve-artifacts (its default) and --artifacts-destination, ' +
        'so that it fetches from other stores itself.',
    });
  }
  return match[1].replace(/\/+$/, '');
}
