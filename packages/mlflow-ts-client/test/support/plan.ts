import { seeded } from './random.js';

/** Contents as they travel between processes: a text, repeated to `size` bytes. */
export interface Contents {
  readonly text: string;
  readonly size: number;
}

/** One planned call on a run, as JSON: processes that are killed get it from their parent. */
export type Op =
  | {
      readonly call: 'logMetrics';
      readonly args: readonly [Record<string, number>, { step: number; timestamp: number }];
    }
  | { readonly call: 'logParam' | 'setTag'; readonly args: readonly [string, string] }
  | { readonly call: 'deleteTag'; readonly args: readonly [string] }
  | { readonly call: 'logBytes'; readonly args: readonly [Contents, string] }
  | { readonly call: 'logTable'; readonly args: readonly [{ step: readonly number[] }, string] }
  | {
      readonly call: 'logImage';
      readonly args: readonly [string, { png: Contents; webp: Contents }, { step: number; timestamp: number }];
    }
  | {
      readonly call: 'logInput';
      readonly args: readonly [{ name: string; digest: string; sourceType: string; source: string; context: string }];
    }
  | {
      readonly call: 'logModel';
      readonly args: readonly [
        {
          name: string;
          step: number;
          files: Record<string, Contents>;
          params: Record<string, string>;
          tags: Record<string, string>;
        },
      ];
    };

/** Larger than what goes into the journal itself. */
const LARGE = 40_000;

/** What one training step logs: a function of seed and step alone, so that a step that is done again is the same. */
export function planStep(seed: number, step: number): Op[] {
  const random = seeded(seed * 1009 + step);
  const timestamp = 1000 + step;
  const size = (): number => (random() < 0.1 ? LARGE : 20);
  const ops: Op[] = [
    {
      call: 'logMetrics',
      args: [
        { loss: 1 / (step + 1), 'val/psnr': 20 + step },
        { step, timestamp },
      ],
    },
  ];
  if (random() < 0.3) ops.push({ call: 'logParam', args: [`p/${step}`, `value ${step}`] });
  if (random() < 0.4) {
    ops.push({ call: 'setTag', args: [`tag${step % 3}`, `${step}`] });
    if (random() < 0.2) ops.push({ call: 'deleteTag', args: [`tag${step % 3}`] });
  }
  if (random() < 0.3)
    ops.push({ call: 'logBytes', args: [{ text: `step ${step}`, size: size() }, `notes/${step % 4}.txt`] });
  if (random() < 0.15)
    ops.push({
      call: 'logImage',
      args: [
        'val/sr',
        { png: { text: `png ${step}`, size: size() }, webp: { text: `webp ${step}`, size: 20 } },
        { step, timestamp },
      ],
    });
  if (random() < 0.1)
    ops.push({
      call: 'logInput',
      args: [{ name: 'dentin', digest: `d${step}`, sourceType: 'local', source: '{}', context: 'training' }],
    });
  if (random() < 0.08)
    ops.push({
      call: 'logModel',
      args: [
        {
          name: 'edsr',
          step,
          files: { 'weights.bin': { text: `weights ${step}`, size: size() } },
          params: { depth: '8' },
          tags: { trial: `${seed}` },
        },
      ],
    });
  // The server finds the value changed and refuses it alone.
  if (random() < 0.05)
    ops.push(
      { call: 'logParam', args: ['fixed', 'first'] },
      { call: 'logParam', args: ['fixed', `changed at ${step}`] },
    );
  if (random() < 0.1) ops.push({ call: 'logTable', args: [{ step: [step] }, `tables/${step % 5}.json`] });
  return ops;
}

/** What the server has to hold after these calls. */
export interface Expected {
  readonly metrics: Map<string, Map<number, number>>;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly artifacts: Map<string, Contents>;
  /** Paths of the tables. */
  readonly tables: Set<string>;
  /** By step. */
  readonly images: Map<number, { png: Contents; webp: Contents }>;
  readonly datasets: Set<string>;
  /** Files of the models by step. */
  readonly models: Map<number, Record<string, Contents>>;
  readonly refused: Set<string>;
}

/** Folds calls, in the order in which they were made. */
export function expectedOf(ops: readonly Op[]): Expected {
  const expected: Expected = {
    metrics: new Map(),
    params: new Map(),
    tags: new Map(),
    artifacts: new Map(),
    tables: new Set(),
    images: new Map(),
    datasets: new Set(),
    models: new Map(),
    refused: new Set(),
  };
  for (const { call, args } of ops) {
    switch (call) {
      case 'logMetrics':
        for (const [key, value] of Object.entries(args[0]))
          expected.metrics.set(key, (expected.metrics.get(key) ?? new Map<number, number>()).set(args[1].step, value));
        break;
      case 'logParam':
        if ((expected.params.get(args[0]) ?? args[1]) !== args[1]) expected.refused.add(args[1]);
        else expected.params.set(args[0], args[1]);
        break;
      case 'setTag':
        expected.tags.set(args[0], args[1]);
        break;
      case 'deleteTag':
        expected.tags.delete(args[0]);
        break;
      case 'logBytes':
        expected.artifacts.set(args[1], args[0]);
        break;
      case 'logTable': {
        const text = JSON.stringify({ columns: ['step'], data: [args[0].step] });
        expected.artifacts.set(args[1], { text, size: text.length });
        expected.tables.add(args[1]);
        break;
      }
      case 'logImage':
        expected.images.set(args[2].step, args[1]);
        break;
      case 'logInput':
        expected.datasets.add(`${args[0].name} ${args[0].digest}`);
        break;
      case 'logModel':
        expected.models.set(args[0].step, args[0].files);
        break;
    }
  }
  return expected;
}
