import { spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'mlflow-ts-client/local-server';
import { daemonsOf, registerCluster, startAccounting } from './accounting.js';

const DAEMONS = ['munged', 'slurmctld', 'slurmd'];

/** Why no Slurm can be started here, or null. */
export function whyNoSlurm(): string | null {
  if (process.platform !== 'linux') return 'Slurm runs on Linux alone';
  if (process.getuid?.() !== 0) return 'slurmd is started as root';
  const missing = DAEMONS.filter((daemon) => spawnSync('which', [daemon]).status !== 0);
  return missing.length === 0 ? null : `no ${missing.join(', ')} (apt-get install munge slurmctld slurmd slurm-client)`;
}

/** A Slurm of one node, in a folder of its own. */
export interface Slurm {
  /** What the commands of Slurm need. */
  readonly env: Readonly<Record<string, string>>;
  /** A command of Slurm, which has to succeed. */
  readonly call: (tool: string, ...args: string[]) => string;
  /** Ends slurmd as a node that dies would; its jobs go on. */
  readonly killSlurmd: () => void;
  readonly startSlurmd: () => Promise<void>;
  /** Jobs that were queued again wait for two minutes: this lets them begin now. */
  readonly hasten: () => void;
  /** Ends slurmctld and starts it anew with an empty memory: what has ended is known to accounting alone. */
  readonly forget: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts munge, slurmctld and slurmd, and waits until the node takes jobs. Partitions: `short` (10 min), `long`.
 * @param accounting `slurmdbd` keeps account of jobs in a MariaDB; with `none`, what slurmctld forgets is gone, as on
 * clusters that keep none.
 */
export async function startSlurm(accounting: 'none' | 'slurmdbd' = 'none'): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  for (const part of ['munge', 'state', 'spool']) mkdirSync(join(folder, part));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'munge/key'), randomBytes(128), { mode: 0o600 });
  const conf = join(folder, 'slurm.conf');
  const running = new Set<ChildProcess>();
  const start = daemonsOf(folder, running);
  const munge = (name: string) => join(folder, 'munge', name);
  start('munged', [
    '--foreground',
    '--force',
    `--socket=${munge('socket')}`,
    `--key-file=${munge('key')}`,
    `--pid-file=${munge('pid')}`,
    `--log-file=${munge('log')}`,
    `--seed-file=${munge('seed')}`,
  ]);
  const env = { SLURM_CONF: conf };
  const database = accounting === 'none' ? null : await startAccounting(folder, start);
  const ports = { controller: await freePort(), node: await freePort(), accounting: database };
  writeFileSync(conf, configuration(folder, ports));
  if (database !== null) await registerCluster(folder, env);
  let slurmctld = start('slurmctld', ['-D', '-c', '-f', conf]);
  let slurmd = start('slurmd', ['-D', '-f', conf]);
  const call = (tool: string, ...args: string[]): string => {
    const ended = spawnSync(tool, args, { encoding: 'utf8', env: { ...process.env, ...env } });
    if (ended.status !== 0) throw new Error(`${tool} ${args.join(' ')}: ${ended.stderr}`);
    return ended.stdout;
  };
  const waitForNode = async (): Promise<void> => {
    for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
      const state = spawnSync('sinfo', ['-h', '-o', '%T'], { encoding: 'utf8', env: { ...process.env, ...env } });
      if (/idle|mixed|allocated/.test(state.stdout) && !/\*/.test(state.stdout)) return;
      if (Date.now() > deadline)
        throw new Error(`Slurm did not start: ${readFileSync(join(folder, 'slurmctld.out'), 'utf8').slice(-2000)}`);
    }
  };
  await waitForNode();
  return {
    env,
    call,
    killSlurmd: () => void slurmd.kill('SIGKILL'),
    async startSlurmd() {
      slurmd = start('slurmd', ['-D', '-f', conf]);
      await waitForNode();
    },
    hasten() {
      const jobs = call('squeue', '-h', '-r', '-o', '%i|%r').split('\n');
      for (const job of jobs.filter((line) => line.endsWith('|BeginTime')))
        spawnSync('scontrol', ['update', `jobid=${job.split('|')[0]}`, 'StartTime=now'], {
          env: { ...process.env, ...env },
        });
    },
    async forget() {
      const ended = new Promise((resolve) => slurmctld.once('exit', resolve));
      slurmctld.kill('SIGTERM');
      await ended;
      slurmctld = start('slurmctld', ['-D', '-c', '-f', conf]);
      await waitForNode();
    },
    async stop() {
      spawnSync('scancel', ['--signal=KILL', '--full', '--user=root'], { env: { ...process.env, ...env } });
      spawnSync('scancel', ['--user=root'], { env: { ...process.env, ...env } });
      for (let tries = 0; tries < 50 && call('squeue', '-h').trim() !== ''; tries++) await sleep(200);
      for (const child of [...running].reverse()) child.kill('SIGTERM');
      for (let tries = 0; tries < 50 && running.size > 0; tries++) await sleep(100);
      for (const child of running) child.kill('SIGKILL');
    },
  };
}

interface Ports {
  readonly controller: number;
  readonly node: number;
  /** slurmdbd's, or null without accounting. */
  readonly accounting: number | null;
}

function configuration(folder: string, ports: Ports): string {
  const file = (name: string) => join(folder, name);
  return `ClusterName=lacuna
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${ports.controller}
SlurmdPort=${ports.node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${file('munge/socket')}
CredType=cred/munge
StateSaveLocation=${file('state')}
SlurmdSpoolDir=${file('spool')}
SlurmctldPidFile=${file('slurmctld.pid')}
SlurmdPidFile=${file('slurmd.pid')}
SlurmctldLogFile=${file('slurmctld.log')}
SlurmdLogFile=${file('slurmd.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SwitchType=switch/none
MpiDefault=none
${accountingOf(ports.accounting, file('munge/socket'))}
ReturnToService=2
MinJobAge=3600
KillWait=5
SlurmdTimeout=300
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} RealMemory=2000 State=UNKNOWN
PartitionName=short Nodes=ALL Default=YES MaxTime=00:10:00 State=UP
PartitionName=long Nodes=ALL MaxTime=INFINITE State=UP
`;
}

/** Without slurmdbd nothing is sampled either. */
function accountingOf(port: number | null, mungeSocket: string): string {
  if (port === null) return 'AccountingStorageType=accounting_storage/none\nJobAcctGatherType=jobacct_gather/none';
  return `AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=${port}
AccountingStoragePass=${mungeSocket}
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1`;
}
