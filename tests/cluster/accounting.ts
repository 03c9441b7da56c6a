import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'mlflow-ts-client/local-server';

const PROGRAMS = ['mariadb-install-db', 'mariadbd', 'slurmdbd', 'sacctmgr'];

/** As all of the cluster's daemons: its folder is root's alone. */
const DATABASE_USER = 'root';

/** Why no accounting can be started here, or null. */
export function whyNoAccounting(): string | null {
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0);
  return missing.length === 0 ? null : `no ${missing.join(', ')} (apt-get install mariadb-server slurmdbd)`;
}

/** Starts a process that writes into a log of its own and is ended with the cluster. */
export type StartDaemon = (daemon: string, args: readonly string[]) => ChildProcess;

/**
 * Starts MariaDB and slurmdbd in the folder of a cluster; {@link registerCluster} waits until they answer.
 * @param folder of the cluster, with its munge socket.
 * @returns the port of slurmdbd.
 */
export async function startAccounting(folder: string, start: StartDaemon): Promise<number> {
  const home = join(folder, 'mariadb');
  mkdirSync(home);
  const data = join(home, 'data');
  const socket = join(home, 'socket');
  const made = spawnSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      `--user=${DATABASE_USER}`,
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stdout}${made.stderr}`);
  const small = ['--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0', '--performance-schema=off'];
  const databasePort = await freePort();
  const server = start('mariadbd', [
    '--no-defaults',
    `--user=${DATABASE_USER}`,
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--pid-file=${join(home, 'pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${databasePort}`,
    ...small,
  ]);
  const sql = "CREATE DATABASE slurm; CREATE USER slurm@'%' IDENTIFIED BY 'slurm'; GRANT ALL ON slurm.* TO slurm@'%'";
  const ask = () => spawnSync('mariadb', ['--no-defaults', `--socket=${socket}`, '-e', sql], { encoding: 'utf8' });
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const { status, stderr } = ask();
    if (status === 0) break;
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`MariaDB did not start: ${stderr}`);
  }
  const port = await freePort();
  const conf = join(folder, 'slurmdbd.conf');
  writeFileSync(conf, configuration(folder, { port, databasePort }));
  // slurmdbd refuses one that others may read.
  chmodSync(conf, 0o600);
  // It looks for its settings beside those of the cluster, which SLURM_CONF names.
  start('slurmdbd', ['-D']);
  return port;
}

/** Waits for slurmdbd and names the cluster to it, without which slurmctld's records are refused. */
export async function registerCluster(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const ended = spawnSync('sacctmgr', ['--immediate', 'add', 'cluster', 'lacuna'], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    if (ended.status === 0) return;
    if (Date.now() > deadline)
      throw new Error(
        `slurmdbd did not start: ${ended.stderr}${readFileSync(join(folder, 'slurmdbd.out'), 'utf8').slice(-2000)}`,
      );
  }
}

/** {@link StartDaemon} of a cluster in `folder`. @param running the daemons that run, kept by it. */
export function daemonsOf(folder: string, running: Set<ChildProcess>): StartDaemon {
  return (daemon, args) => {
    const log = openSync(join(folder, `${daemon}.out`), 'a');
    const child = spawn(daemon, args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, SLURM_CONF: join(folder, 'slurm.conf') },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
}

function configuration(folder: string, ports: { port: number; databasePort: number }): string {
  return `DbdHost=${hostname()}
DbdAddr=127.0.0.1
DbdPort=${ports.port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${join(folder, 'munge/socket')}
PidFile=${join(folder, 'slurmdbd.pid')}
LogFile=${join(folder, 'slurmdbd.log')}
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=${ports.databasePort}
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
`;
}
