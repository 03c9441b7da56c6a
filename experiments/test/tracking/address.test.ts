import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LacunaSweep } from '../../src/sweep/plan/plan.js';
import {
  openTrackingAddress,
  trackingAddress,
  trackingCredentials,
  withoutUserInfo,
} from '../../src/tracking/address.js';

const variables = ['MLFLOW_TRACKING_URI', 'MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'];
const before = new Map(variables.map((name) => [name, process.env[name]]));
beforeEach(() => {
  for (const name of variables) delete process.env[name];
});
afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const sweepWith = (uri?: string): LacunaSweep => ({ common: { tracking: { experiment: 'e', uri } } }) as LacunaSweep;
const option = (trackingUri?: string) => ({ trackingUri, enabled: true });

it.each([
  ['the option', () => trackingAddress(sweepWith(), option('http://bob:p%2Fw@h:5/x/#/experiments/1'))],
  ['the spec', () => trackingAddress(sweepWith('http://bob:p%2Fw@h:5/x/'), option())],
  [
    'the variable',
    () => {
      process.env['MLFLOW_TRACKING_URI'] = 'http://bob:p%2Fw@h:5/x';
      return trackingAddress(sweepWith(), option());
    },
  ],
])('cuts user information off an address given by %s, and keeps it in the environment alone', (_, open) => {
  expect(open()).toBe('http://h:5/x');
  expect(trackingCredentials()).toMatchObject({ MLFLOW_TRACKING_USERNAME: 'bob', MLFLOW_TRACKING_PASSWORD: 'p/w' });
});

it('shows no part of a password in what it says of an address that is none', () => {
  for (const given of ['http://bob:se/cret@h', 'http://bob:1/cret@h', 'http://bob:se@cret@h:port'])
    expect(() => openTrackingAddress('--tracking-uri', given)).toThrow(
      expect.not.stringMatching(/bob|cret|se@|1\//) as never,
    );
  expect(() => openTrackingAddress('--tracking-uri', 'http://bob:se/cret@h')).toThrow('write / as %2F');
  expect(() => openTrackingAddress('--tracking-uri', 'sqlite:///x')).toThrow('leave it out for the local server');
});

it('takes user information out of all that is about to be written', () => {
  const written = {
    sets: ['tracking.uri=http://bob:p/w@h:5'],
    resolved: { tracking: { uri: 'https://a:b@c/d' }, n: 1 },
  };
  expect(withoutUserInfo(written)).toEqual({
    sets: ['tracking.uri=http://h:5'],
    resolved: { tracking: { uri: 'https://c/d' }, n: 1 },
  });
});
