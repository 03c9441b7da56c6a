import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, waitForServer } from 'mlflow-ts-client/local-server';
import { findPython } from '../mlflow/python.js';
import { documentedFile, replaceWords } from './documented.js';
import { postgresPrograms, startPostgres } from './postgres.js';

/** What requirements-test.txt brings for this. */
const MODULES = ['mlflow', 'flask_wtf', 'psycopg2', 'boto3', 'moto'];

/** Why a lab's server cannot be started here, or null. */
export function whyNoLab(): string | null {
  const { python, absent } = findPython();
  if (absent !== null) return absent;
  if (postgresPrograms() === null) return 'no PostgreSQL (apt-get install postgresql)';
  const programs = ['nginx', 'openssl'].filter((program) => spawnSync(program, ['version']).error !== undefined);
  if (programs.length > 0) return `no ${programs.join(', ')} (apt-get install nginx-light openssl)`;
  const modules = execFileSync(python, ['-c', `${FIND}\nprint(*missing)`, ...MODULES], { encoding: 'utf8' }).trim();
  return modules === '' ? null : `${python} has no ${modules} (tools/setup/requirements-test.txt)`;
}

const FIND = 'import sys, importlib.util as u\nmissing = [name for name in sys.argv[1:] if u.find_spec(name) is None]';

/** MLflow as docs/tracking-server.md sets it up, on ports of 127.0.0.1. */
export interface Lab {
  /** Its address, with the path. */
  readonly uri: string;
  /** The administrator's password; the name is `admin`. */
  readonly password: string;
  /** As the administrator's `curl` of the page does: it is no call of the client. */
  readonly addUser: (user: { readonly username: string; readonly password: string }) => Promise<void>;
  /** Names of all objects in the store. */
  readonly stored: () => Promise<string[]>;
  /** Starts MLflow behind the proxy, which says 502 until then. */
  readonly startMlflow: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts PostgreSQL, a store and nginx by the files of the page, with other ports and secrets; MLflow when asked. */
export async function startLab(): Promise<Lab> {
  const dir = mkdtempSync(join(tmpdir(), 'lab-'));
  // The users that PostgreSQL and nginx's workers run as come through here.
  for (const folder of [tmpdir(), dir]) chmodSync(folder, statSync(folder).mode | 0o011);
  const ports = {
    postgres: await freePort(),
    store: await freePort(),
    mlflow: await freePort(),
    nginx: await freePort(),
  };
  const secret = (): string => randomBytes(12).toString('hex');
  const words = { database: secret(), admin: secret() };
  const { python } = findPython();
  const running = new Set<ChildProcess>();
  const start = (name: string, command: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess => {
    const log = openSync(join(dir, `${name}.log`), 'a');
    const child = spawn(command[0], command.slice(1), { cwd: dir, env, detached: true, stdio: ['ignore', log, log] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  const postgres = await startPostgres(postgresPrograms()!, dir, ports.postgres);
  postgres.run(replaceWords(documentedFile('sudo -u postgres psql'), { 'DATABASE-PASSWORD': words.database }));
  start('store', [python, '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(ports.store)]);

  const auth = join(dir, 'auth.ini');
  writeFileSync(auth, replaceWords(documentedFile('/etc/mlflow/auth.ini'), { ':5432': `:${ports.postgres}` }));
  const uri = `https://127.0.0.1:${ports.nginx}/mlflow`;
  const env = variables(
    replaceWords(documentedFile('/etc/mlflow/mlflow.env'), {
      'DATABASE-PASSWORD': words.database,
      'ADMIN-PASSWORD': words.admin,
      'RANDOM-TEXT': secret(),
      ':5432': `:${ports.postgres}`,
      ':9000': `:${ports.store}`,
      '/etc/mlflow/auth.ini': auth,
      'lab.example': new URL(uri).host,
    }),
  );
  const command = replaceWords(documentedFile('/etc/systemd/system/mlflow.service').match(/^ExecStart=(.*)$/m)![1], {
    '/opt/mlflow/bin/mlflow': `${python} -m mlflow`,
    '--port 5000': `--port ${ports.mlflow}`,
    '--workers 4': '--workers 1',
  });
  const startMlflow = async (): Promise<void> => {
    const child = start('mlflow', command.split(' '), { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: '' });
    const address = `http://127.0.0.1:${ports.mlflow}`;
    if (await waitForServer(address, { timeoutMs: 200_000 }, () => child.exitCode === null)) return;
    throw new Error(`MLflow did not start: ${readFileSync(join(dir, 'mlflow.log'), 'utf8').slice(-3000)}`);
  };
  const nginx = start('nginx', ['nginx', '-e', join(dir, 'nginx.log'), '-c', proxyConfiguration(dir, ports)]);
  // It writes its number once it listens.
  while (!existsSync(join(dir, 'nginx.pid'))) {
    if (nginx.exitCode !== null) throw new Error(`nginx: ${readFileSync(join(dir, 'nginx.log'), 'utf8').slice(-2000)}`);
    await sleep(50);
  }
  const bucket = `http://127.0.0.1:${ports.store}/mlflow`;
  return {
    uri,
    password: words.admin,
    addUser: (user) => createUser(uri, words.admin, user),
    async stored() {
      const listing = await (await fetch(`${bucket}?list-type=2`)).text();
      return [...listing.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
    },
    async startMlflow() {
      await startMlflow();
      await fetch(bucket, { method: 'PUT' });
    },
    async stop() {
      await Promise.all([...running].map(end));
      await postgres.stop();
    },
  };
}

/** `NAME=value` a line, as systemd reads it. */
function variables(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
}

/** Writes the page's server block, and around it what a distribution's nginx.conf holds. */
function proxyConfiguration(dir: string, ports: { readonly mlflow: number; readonly nginx: number }): string {
  const [certificate, key] = [join(dir, 'lab.pem'), join(dir, 'lab.key')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=127.0.0.1', '-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const server = replaceWords(documentedFile('/etc/nginx/sites-enabled/lab.example'), {
    'listen 443 ssl': `listen 127.0.0.1:${ports.nginx} ssl`,
    '/etc/ssl/certs/lab.example.pem': certificate,
    '/etc/ssl/private/lab.example.key': key,
    'server_name lab.example': 'server_name 127.0.0.1',
    '127.0.0.1:5000': `127.0.0.1:${ports.mlflow}`,
  });
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  );
  const http = `http {\naccess_log off;\n${folders.join('\n')}\n${server}}\n`;
  const path = join(dir, 'nginx.conf');
  writeFileSync(path, `daemon off;\nworker_processes 1;\npid ${dir}/nginx.pid;\nevents {}\n${http}`);
  return path;
}

function createUser(uri: string, admin: string, user: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', auth: `admin:${admin}`, headers, rejectUnauthorized: false };
    const asked = https.request(`${uri}/api/2.0/mlflow/users/create`, options, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`users/create: ${answer.statusCode}`));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(user));
  });
}

/** Ends a process and those that it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
  // What it started is gone a little later.
  await sleep(50);
}
