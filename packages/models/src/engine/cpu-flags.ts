import { readFileSync } from 'node:fs';

/** What the first processor of this machine says that it can do; empty where /proc/cpuinfo is not to be had. */
export function cpuFlags(path = '/proc/cpuinfo'): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return new Set();
  }
  const line = /^flags\s*:(.*)$/m.exec(text);
  return new Set(line?.[1].trim().split(/\s+/));
}

/** Whether this machine's processor has vectors of 512 bits. */
export const hasAvx512 = (): boolean => cpuFlags().has('avx512f');
