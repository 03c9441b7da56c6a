import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '@lacuna/core';
import { redactUserInfo, splitTrackingUri } from 'mlflow-ts-client';
import type { EngineProbe } from './engine-probe.js';
import { isLibraryNotice } from './library-notices.js';
import { readSetupState, type SetupState } from './setup-state.js';
import { workspaceRoot } from './workspace.js';
import { trackingServerStatus } from '../tracking/server.js';

/** Something that is not as it could be, and what to do about it. */
interface Finding {
  readonly piece: string;
  readonly consequence: string;
  readonly remedy: string;
}

/** What `lacuna doctor --json` prints. */
export interface Diagnosis {
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: { readonly platform: string; readonly cores: number; readonly memoryGb: number };
  readonly engine: {
    readonly kind: 'tensorflow' | 'wasm';
    readonly devices: readonly string[];
    readonly library: string | null;
  };
  readonly tracking: {
    readonly kind: 'remote' | 'local' | 'journal';
    readonly uri: string | null;
    readonly reachable: boolean;
    readonly log: string | null;
  };
  readonly data: {
    readonly lacunaData: string | null;
    readonly lacunaDataExists: boolean;
    readonly cache: string;
    readonly retina: string | null;
  };
  readonly findings: readonly Finding[];
}

/** Looks at everything a sweep needs; starts, installs and changes nothing. */
export async function diagnose(root: string = workspaceRoot, env: NodeJS.ProcessEnv = process.env): Promise<Diagnosis> {
  const setup = readSetupState(root);
  const findings: Finding[] = [...(setup?.missing ?? [])];
  if (!setup) findings.push({ piece: 'set-up', consequence: 'it has not run in this clone', remedy: 'npm run setup' });
  const engine = inspectEngine(setup, findings);
  const tracking = await inspectTracking(root, setup, env, findings);
  const data = inspectData(setup, env, findings);
  return {
    versions: { node: process.versions.node, ...(setup?.engine.version ? { tensorflow: setup.engine.version } : {}) },
    machine: {
      platform: `${process.platform}-${process.arch}`,
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1e9),
    },
    engine,
    tracking,
    data,
    findings,
  };
}

function inspectEngine(setup: SetupState | null, findings: Finding[]): Diagnosis['engine'] {
  const probe = spawnSync(process.execPath, [join(workspaceRoot, 'experiments/dist/machine/engine-probe.js')], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (probe.status !== 0) {
    const reason =
      probe.stderr.split('\n').findLast((line) => line.trim() !== '' && !isLibraryNotice(line)) ??
      `its process ended with ${probe.signal ?? `status ${probe.status}`}`;
    findings.push({
      piece: 'TensorFlow',
      consequence: `the WASM engine trains instead, slower (${reason})`,
      remedy: 'npm run setup',
    });
    return { kind: 'wasm', devices: ['CPU'], library: null };
  }
  const { gpu } = JSON.parse(probe.stdout) as EngineProbe;
  if (setup?.engine.device === 'gpu' && !gpu) {
    findings.push({
      piece: 'the GPU',
      consequence: 'TensorFlow does not see it and computes on the CPU',
      remedy: 'check nvidia-smi and the driver (CUDA 12 needs 525 or newer)',
    });
  }
  return {
    kind: 'tensorflow',
    devices: gpu ? ['CPU', 'GPU'] : ['CPU'],
    library: setup?.engine.library ?? null,
  };
}

async function inspectTracking(
  root: string,
  setup: SetupState | null,
  env: NodeJS.ProcessEnv,
  findings: Finding[],
): Promise<Diagnosis['tracking']> {
  const remote = env['MLFLOW_TRACKING_URI'];
  if (remote) {
    const uri = addressOf(remote);
    const reachable = uri !== null && (await answers(uri));
    const shown = redactUserInfo(remote);
    if (!reachable)
      findings.push({
        piece: `the tracking server ${shown}`,
        consequence: 'what is logged waits in the journal',
        remedy: 'check the address in MLFLOW_TRACKING_URI and the network',
      });
    return { kind: 'remote', uri: uri ?? shown, reachable, log: null };
  }
  if (!setup?.mlflow) return { kind: 'journal', uri: null, reachable: false, log: null };
  // Not running is no finding: a sweep starts it.
  const status = await trackingServerStatus(join(root, '.lacuna/mlflow'));
  return { kind: 'local', uri: status.uri, reachable: status.healthy, log: status.log };
}

/** An address without its user information; null where it is none. */
function addressOf(given: string): string | null {
  try {
    return splitTrackingUri(given).uri;
  } catch {
    return null;
  }
}

async function answers(uri: string): Promise<boolean> {
  try {
    return (await fetch(`${uri.replace(/\/+$/, '')}/health`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

function inspectData(setup: SetupState | null, env: NodeJS.ProcessEnv, findings: Finding[]): Diagnosis['data'] {
  const lacunaData = env['LACUNA_DATA'] || null;
  const lacunaDataExists = lacunaData !== null && existsSync(lacunaData);
  if (lacunaData && !lacunaDataExists)
    findings.push({
      piece: `LACUNA_DATA ${lacunaData}`,
      consequence: 'public data are downloaded instead',
      remedy: 'name a folder that exists, or unset it',
    });
  const retina = setup?.retina && existsSync(setup.retina) ? setup.retina : null;
  return { lacunaData, lacunaDataExists, cache: setup?.cache ?? cacheFolder(env), retina };
}

/** The diagnosis for people. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { versions, machine, engine, tracking, data, findings } = diagnosis;
  const silent = tracking.uri !== null && !tracking.reachable ? ', does not answer' : '';
  const server = `${tracking.kind} server ${tracking.uri ?? '(starts with the next sweep)'}${silent}`;
  const rows: [string, string][] = [
    ['engine', `${engine.kind}, ${engine.devices.join(' and ')}`],
    ['library', engine.library ?? 'none'],
    ['machine', `${machine.platform}, ${machine.cores} cores, ${machine.memoryGb} GB`],
    ['tracking', tracking.kind === 'journal' ? 'journal on disk only' : server],
    [
      'data',
      data.lacunaData
        ? `LACUNA_DATA ${data.lacunaData}${data.lacunaDataExists ? '' : ' (not there)'}`
        : `downloads into ${join(data.cache, 'data')}`,
    ],
    ['quick start image', data.retina ?? 'fetched when first needed'],
    [
      'versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  const lines = rows.map(([name, text]) => `${name.padEnd(18)}${text}`);
  for (const { piece, consequence, remedy } of findings)
    lines.push(`missing: ${piece}: ${consequence}`, `    ${remedy}`);
  lines.push('your own images:  npx lacuna init FOLDER looks at them and writes a spec that runs');
  return `${lines.join('\n')}\n`;
}
