import { InputError } from '@lacuna/core';
import { MlflowInputError, redactUserInfo, splitTrackingUri } from 'mlflow-ts-client';
import type { LacunaSweep } from '../sweep/plan/plan.js';

/** What a command says of the tracking server. */
export interface TrackingChoice {
  readonly trackingUri: string | undefined;
  readonly enabled: boolean;
}

/**
 * The server that was named: by option, spec or environment; null for the local one. User information is cut off it and
 * handed on as `openTrackingAddress` does.
 * @throws {InputError} if it is no server's address.
 */
export function trackingAddress(sweep: LacunaSweep, options: TrackingChoice): string | null {
  if (!options.enabled) return null;
  const named = (
    [
      ['--tracking-uri', options.trackingUri],
      ['tracking.uri', sweep.common.tracking.uri],
      ['MLFLOW_TRACKING_URI', process.env['MLFLOW_TRACKING_URI'] || undefined],
    ] as const
  ).find(([, uri]) => uri !== undefined);
  return named === undefined ? null : openTrackingAddress(named[0], named[1]!);
}

/**
 * An address without user information, query and fragment. User name and password go into this process's environment,
 * where MLflow's own variables are read, and from there to the processes of trials: never into a file or a line.
 * @param who what the user gave the address by.
 * @throws {InputError} if it is no server's address; the message shows no user information.
 */
export function openTrackingAddress(who: string, given: string): string {
  try {
    const { uri, username, password } = splitTrackingUri(given);
    if (username !== undefined) process.env['MLFLOW_TRACKING_USERNAME'] = username;
    if (password !== undefined) process.env['MLFLOW_TRACKING_PASSWORD'] = password;
    return uri;
  } catch (error) {
    if (!(error instanceof MlflowInputError)) throw error;
    const remedy = given.includes('@') ? error.remedy.replace(/\.$/, '') : 'leave it out for the local server';
    throw new InputError({ who, got: error.got, wanted: error.wanted, remedy });
  }
}

/** MLflow's variables that a trial's delivery needs beside the address. */
export function trackingCredentials(): Record<string, string | undefined> {
  const names = ['USERNAME', 'PASSWORD', 'TOKEN', 'INSECURE_TLS'].map((name) => `MLFLOW_TRACKING_${name}`);
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

/** A value that is about to be written or shown, without the user information of any address in it. */
export function withoutUserInfo<T>(value: T): T {
  if (typeof value === 'string') return redactUserInfo(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutUserInfo(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutUserInfo(item as unknown)])) as T;
}
