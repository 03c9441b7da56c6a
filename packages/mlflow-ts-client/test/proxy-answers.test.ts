import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, type MlflowError } from '../src/index.js';

const page = (text: string): string => `<html><h1>${text}</h1></html>`;

/** What a proxy answers by itself: the first part of the path says what. */
const ANSWERS: Readonly<Record<string, { readonly status: number; readonly location?: string }>> = {
  large: { status: 413 },
  down: { status: 502 },
  moved: { status: 301, location: 'https://bob:pw@lab.example/mlflow/api/2.0/mlflow/experiments/get?experiment_id=1' },
  login: { status: 302, location: 'https://sso.example/login' },
};

describe('answers of a proxy before the server', () => {
  let uri: string;
  const server = http.createServer(({ url = '' }, response) => {
    const { status, location } = ANSWERS[url.split('/')[1]];
    response.writeHead(status, { 'content-type': 'text/html', ...(location === undefined ? {} : { location }) });
    response.end(page(http.STATUS_CODES[status] ?? ''));
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const refused = async (prefix: string): Promise<MlflowError> => {
    const client = new MlflowClient({ trackingUri: `${uri}/${prefix}`, maxRetries: 0, env: {} });
    return client.getExperiment('1').then(
      () => {
        throw new Error('it was accepted');
      },
      (error: unknown) => error as MlflowError,
    );
  };

  it.each([
    ['large', 413, 'Let the proxy before the server pass larger bodies on (of nginx: client_max_body_size 0;).'],
    ['down', 502, 'Start the server: the proxy before it answers, and it does not.'],
    ['moved', 301, 'Set MLFLOW_TRACKING_URI=https://lab.example/mlflow, where this address leads to.'],
  ])('%s: names the remedy', async (prefix, status, remedy) => {
    expect(await refused(prefix)).toMatchObject({ kind: 'protocol', status, remedy });
  });

  it('a redirection to anything else leaves the address to be checked', async () => {
    const { remedy, stack } = await refused('login');
    expect(remedy).toBe(`Check that ${uri}/login is an MLflow server of version 3.`);
    expect(stack).not.toContain('pw@');
  });
});
