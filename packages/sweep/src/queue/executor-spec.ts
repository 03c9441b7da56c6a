import { z } from 'zod';

const TIME = /^(\d+-)?\d{1,3}:\d{2}:\d{2}$/;
const MEMORY = /^(\d+(?:\.\d+)?) ?(MB|GB)$/;

const time = z
  .string()
  .regex(TIME, 'wanted hours:minutes:seconds in quotes, "4:00:00", or days before: "1-0:00:00"')
  .describe('the longest that a job runs, "hours:minutes:seconds"; then its trial is queued again');
const gpus = z.int().min(0).max(64).default(0).describe('GPUs of a trial');
const cpus = z.int().min(1).max(1024).default(1).describe('cores of a trial');
const memory = z.string().regex(MEMORY, 'wanted a number and MB or GB: 16 GB').optional().describe('memory of a trial');
const setup = z
  .array(z.string())
  .default([])
  .describe('lines of shell that run in the job before the trial: module load ...');
const notice = z
  .int()
  .min(5)
  .max(3600)
  .default(120)
  .describe('seconds before the time limit at which a trial writes a checkpoint and ends');
const parallel = z.int().min(1).optional().describe('the most trials that run at the same time; all when left out');

const pattern = z.string().min(1).refine(isPattern, 'wanted a regular expression');

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** A template has to name what it is about. */
const holds = (name: string): [(line: string) => boolean, string] => [
  (line) => line.includes(name),
  `wanted ${name} in it`,
];

/** Where trials run. It says nothing of what they compute: no part of a trial's id. */
export const executorSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('local').describe('processes of this machine, each with its GPU'),
    perGpu: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('trials side by side on one GPU, as far as its memory has room for them'),
  }),
  z.strictObject({
    kind: z.literal('slurm').describe('a job array of Slurm'),
    partition: z.string().min(1).optional().describe("the partition; by default the cluster's own"),
    account: z.string().min(1).optional().describe('whom the time is charged to'),
    qos: z.string().min(1).optional().describe('quality of service'),
    time: time.default('1:00:00'),
    gpus,
    cpus,
    memory,
    parallel,
    notice,
    setup,
    options: z.array(z.string()).default([]).describe('further options of sbatch: --constraint=a100'),
  }),
  z.strictObject({
    kind: z.literal('oar').describe('an array of OAR'),
    queue: z.string().min(1).optional().describe('the queue: default, besteffort'),
    project: z.string().min(1).optional().describe('the project that the time is charged to'),
    properties: z.string().min(1).optional().describe("which nodes, as oarsub -p takes it: gpu_model = 'A100'"),
    resources: z
      .string()
      .min(1)
      .optional()
      .describe('what a trial takes, as oarsub -l takes it, without the walltime: /nodes=1/gpu=1; else its cores'),
    types: z.array(z.string()).default([]).describe('further types of job: besteffort'),
    time: time.default('1:00:00'),
    gpus,
    cpus,
    notice,
    setup,
    options: z.array(z.string()).default([]).describe('further options of oarsub'),
  }),
  z.strictObject({
    kind: z.literal('command').describe('any scheduler, by templates of its commands: PBS, SGE and others'),
    submit: z
      .string()
      .min(1)
      .refine(...holds('{script}'))
      .describe(
        'a line of shell that submits one job: {script}, and as far as it takes them {name}, {output}, {time}, ' +
          '{gpus}, {cpus}, {memory} (MiB); each is put in quoted',
      ),
    jobId: pattern
      .refine((text) => /\((?!\?)/.test(text), "wanted a group that holds the job's name: ^(\\\\S+)")
      .default('^(\\S+)')
      .describe("finds the job's name in the answer: its first group"),
    jobVariable: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'wanted the name of a variable')
      .describe("the variable that holds the job's name within the job: PBS_JOBID, JOB_ID"),
    status: z
      .string()
      .min(1)
      .refine(...holds('{job}'))
      .describe('a line of shell that tells of one {job}'),
    queued: pattern.describe('what its answer holds while the job waits'),
    running: pattern.describe('what its answer holds while the job runs'),
    gone: pattern
      .default('[Uu]nknown|[Nn]ot found|does not exist|[Ii]nvalid job|has finished|not exist')
      .describe('what a refusal holds where the job has left the queue; other refusals are failures'),
    cancel: z
      .string()
      .min(1)
      .refine(...holds('{job}'))
      .describe('a line of shell that ends one {job}'),
    requeue: z
      .string()
      .min(1)
      .optional()
      .describe(
        'a line of shell that a job calls to be queued again: qrerun {job}; else lacuna sweep submits it again',
      ),
    time: time.default('1:00:00'),
    gpus,
    cpus,
    memory,
    notice,
    setup,
  }),
]);
type ExecutorSpec = z.infer<typeof executorSpec>;
export type ExecutorKind = ExecutorSpec['kind'];
export type SlurmSpec = Extract<ExecutorSpec, { kind: 'slurm' }>;
export type OarSpec = Extract<ExecutorSpec, { kind: 'oar' }>;
export type CommandSpec = Extract<ExecutorSpec, { kind: 'command' }>;

/** All kinds, as a spec and `--executor` name them. */
export const executorKinds: readonly ExecutorKind[] = executorSpec.options.map(({ shape }) => shape.kind.value);

/** Kinds of executors that hand trials over to a queue. */
export type QueueSpec = Exclude<ExecutorSpec, { kind: 'local' }>;

/** "1-2:03:04" in seconds. */
export function secondsOf(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  const [hours, minutes, seconds] = clock.split(':').map(Number);
  return ((Number(days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** "16 GB" in MiB, as schedulers count memory. */
export function mebibytesOf(text: string): number {
  const [, number, unit] = MEMORY.exec(text)!;
  return Math.ceil((Number(number) * { MB: 1e6, GB: 1e9 }[unit as 'MB' | 'GB']) / 2 ** 20);
}
