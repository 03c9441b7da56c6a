import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MlflowClient, redactUserInfo, splitTrackingUri } from '../src/index.js';
import { resolveConfig } from '../src/config.js';

describe('configuration', () => {
  it("reads MLflow's variables, options first", () => {
    const env = {
      MLFLOW_TRACKING_URI: 'https://u:p@host/base/',
      MLFLOW_TRACKING_INSECURE_TLS: 'true',
      MLFLOW_HTTP_REQUEST_TIMEOUT: '3',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2',
    };
    const config = resolveConfig({ env });
    expect(config.authorization).toBe(`Basic ${btoa('u:p')}`);
    expect(config).toEqual({
      baseUrl: 'https://host/base',
      insecureTls: true,
      requestTimeoutMs: 3000,
      maxRetries: 2,
      retryBaseMs: 500,
    });
    expect(resolveConfig({ env: { MLFLOW_TRACKING_TOKEN: 't' }, trackingUri: 'http://h' }).authorization).toBe(
      'Bearer t',
    );
  });
  it('logs in as Python does: by name and password together, else by token', () => {
    const of = (env: Record<string, string>): string | undefined =>
      resolveConfig({ env, trackingUri: 'http://h' }).authorization;
    const [name, password, token] = [
      { MLFLOW_TRACKING_USERNAME: 'u' },
      { MLFLOW_TRACKING_PASSWORD: 'p' },
      { MLFLOW_TRACKING_TOKEN: 't' },
    ];
    expect([
      of({ ...name, ...password, ...token }),
      of({ ...name, ...token }),
      of({ ...password, ...token }),
      of(name),
      of({}),
    ]).toEqual([`Basic ${btoa('u:p')}`, 'Bearer t', 'Bearer t', undefined, undefined]);
    expect(() => of({ MLFLOW_TRACKING_INSECURE_TLS: 'yes' })).toThrow(
      'MLFLOW_TRACKING_INSECURE_TLS: got "yes"; wanted true, false, 1 or 0',
    );
    expect(resolveConfig({ env: { MLFLOW_TRACKING_INSECURE_TLS: 'FALSE' }, trackingUri: 'http://h' }).insecureTls).toBe(
      false,
    );
  });
  it('says what is wrong, and never the password', () => {
    expect(() => resolveConfig({ env: {} })).toThrow(
      'trackingUri: got nothing; wanted the address of an MLflow server. Start `mlflow server`',
    );
    expect(() => resolveConfig({ env: {}, trackingUri: 'sqlite:///x' })).toThrow('wanted http: or https:');
    expect(() => resolveConfig({ env: {}, trackingUri: 'http://user:secret@' })).toThrow(
      expect.not.stringContaining('secret') as never,
    );
    expect(() => resolveConfig({ env: { MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' }, trackingUri: 'http://h' })).toThrow(
      'MLFLOW_HTTP_REQUEST_TIMEOUT: got "soon"',
    );
  });

  it('cuts user information, query and fragment off an address', () => {
    expect(splitTrackingUri('http://127.0.0.1:5000/#/experiments/1')).toEqual({ uri: 'http://127.0.0.1:5000' });
    expect(splitTrackingUri('https://bob:p%2Fw@lab.example/mlflow/?x=1#/experiments')).toEqual({
      uri: 'https://lab.example/mlflow',
      username: 'bob',
      password: 'p/w',
    });
  });
  it('what the address carries goes before the environment, as in Python', () => {
    const env = { MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p' };
    expect(resolveConfig({ env, trackingUri: 'http://bob:pw@h' }).authorization).toBe(`Basic ${btoa('bob:pw')}`);
  });
  it.each([
    'http://bob:se/cret@host:5000',
    'http://bob:1/2@host:5000',
    'http://bob:sec@ret@host:port',
    'http://bob:5?secret@host',
    'http://bob:5#secret@host',
    'http://bob:secret@',
    'ftp://bob:secret@host',
  ])('shows no part of a password that is not escaped, or of an address that is none (%#)', (trackingUri) => {
    let message = '';
    try {
      splitTrackingUri(trackingUri);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('trackingUri: got');
    expect(message).not.toMatch(/bob|sec|ret|2@|cret/);
  });
  it('redacts addresses in a text at their last @', () => {
    expect(redactUserInfo('see http://bob:p/w@x@host:1/a and "https://a:b@c" or mail me@lab.example')).toBe(
      'see http://host:1/a and "https://c" or mail me@lab.example',
    );
  });
  it('a client that is printed or serialised shows no credentials', () => {
    const client = new MlflowClient({ trackingUri: 'http://bob:secret@h', env: {} });
    expect(inspect(client, { depth: 9 }) + JSON.stringify(client)).not.toMatch(/bob|secret|Basic/);
    expect(client.rest.config.authorization).toBe(`Basic ${btoa('bob:secret')}`);
  });
});
