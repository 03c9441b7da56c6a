import { InputError } from '@lacuna/core';
import type { Program } from '../graph/index.js';
import { cpuFlags } from './cpu-flags.js';
import type { Engine } from './engine.js';

/** Instructions that multiply bfloat16, as Linux names them: without them oneDNN converts to float32 and back. */
const INSTRUCTIONS = ['avx512_bf16', 'amx_bf16'];

/**
 * Why convolutions in bfloat16 are not for this engine and device; null where they are.
 * @param flags of the processor.
 */
export function whyNoBf16(
  { engine, device }: { readonly engine: Engine['kind']; readonly device: 'GPU' | 'CPU' },
  flags: ReadonlySet<string> = cpuFlags(),
): string | null {
  if (engine !== 'tensorflow') return `the engine ${engine}, which knows float32 alone`;
  if (device === 'GPU') return 'a GPU, where bfloat16 has not been tried';
  if (process.env['TF_ENABLE_ONEDNN_OPTS'] === '0') return 'TensorFlow without oneDNN (TF_ENABLE_ONEDNN_OPTS=0)';
  if (INSTRUCTIONS.some((name) => flags.has(name))) return null;
  return `a processor without ${INSTRUCTIONS.join(' or ')} among its flags (/proc/cpuinfo)`;
}

/** What is said where bfloat16 is asked for in vain. */
export const noBf16 = (who: string, reason: string): InputError =>
  new InputError({
    who,
    got: `bf16 for ${reason}`,
    wanted: `float32 here; bf16 takes TensorFlow on a CPU with ${INSTRUCTIONS.join(' or ')}`,
    remedy: 'set training.precision to float32, or leave it out',
  });

/**
 * For an engine's `compile`.
 * @throws {InputError} for a program with actions in bfloat16, where there is a reason against them.
 */
export function requirePrecision({ actions }: Program, reason: string | null): void {
  if (reason === null) return;
  const asked = Object.keys(actions).find((name) => actions[name].precision === 'bf16');
  if (asked !== undefined) throw noBf16(`action ${asked}: precision`, reason);
}
