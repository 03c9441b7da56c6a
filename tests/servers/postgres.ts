import { execFileSync, spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where Debian's packages put each version's programs, which are on nobody's path. */
const VERSIONS = '/usr/lib/postgresql';

/** Folder of PostgreSQL's own programs, of the newest version here; null where there is none. */
export function postgresPrograms(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .filter((folder) => existsSync(join(folder, 'initdb')));
  return folders[0] ?? null;
}

/** PostgreSQL does not run as root: it is run as the user of Debian's package. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A database server in a folder of its own. */
export interface Postgres {
  /** Runs statements as the administrator. @throws with what the server says. */
  readonly run: (sql: string) => void;
  readonly stop: () => Promise<void>;
}

/**
 * Starts PostgreSQL on a port of 127.0.0.1, with passwords asked of everybody, and waits until it answers.
 * @param dir folder that is there, which the server's user may enter.
 */
export async function startPostgres(programs: string, dir: string, port: number): Promise<Postgres> {
  const user = unprivileged();
  const home = join(dir, 'postgres');
  const password = join(home, 'password');
  mkdirSync(home);
  writeFileSync(password, 'administrator');
  if (user !== null) for (const path of [home, password]) chownSync(path, user.uid, user.gid);
  const as: SpawnOptions = { ...user, cwd: home };
  const data = join(home, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${password}`, '-E', 'UTF8', '--no-sync'],
    { ...as, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr.toString()}`);
  const log = join(home, 'log');
  const out = openSync(log, 'a');
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${home}`, 'fsync=off'];
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...as, stdio: ['ignore', out, out] },
  );
  const ask = (sql: string) =>
    spawnSync(
      join(programs, 'psql'),
      ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-q', '-v', 'ON_ERROR_STOP=1', '-f', '-'],
      { encoding: 'utf8', input: sql, env: { ...process.env, PGPASSWORD: 'administrator' } },
    );
  for (const deadline = Date.now() + 60_000; ask('SELECT 1').status !== 0; await sleep(200))
    if (server.exitCode !== null || Date.now() > deadline)
      throw new Error(`PostgreSQL did not start: ${readFileSync(log, 'utf8').slice(-2000)}`);
  return {
    run(sql) {
      const { status, stderr } = ask(sql);
      if (status !== 0) throw new Error(`psql: ${stderr}`);
    },
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      // Its quickest orderly end, in which sessions are cut.
      server.kill('SIGINT');
      await ended;
    },
  };
}
