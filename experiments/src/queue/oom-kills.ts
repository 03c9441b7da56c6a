import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/**
 * How many processes of this one's control group the kernel has killed for memory (cgroup v2: memory.events, v1:
 * memory.oom_control; docs.kernel.org/admin-guide/cgroup-v2.html). Null where the kernel does not say.
 */
export function oomKills(): number | null {
  for (const file of eventFiles()) {
    const count = /^oom_kill (\d+)$/m.exec(textOf(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

/** A line of /proc/self/cgroup is `number:controllers:path`; version 2 names no controllers. */
function eventFiles(): string[] {
  return textOf('/proc/self/cgroup')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, ...path] = line.split(':');
      if (controllers === '') return [join(ROOT, path.join(':'), 'memory.events')];
      if (controllers?.split(',').includes('memory'))
        return [join(ROOT, 'memory', path.join(':'), 'memory.oom_control')];
      return [];
    });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
