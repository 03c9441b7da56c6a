import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

/**
 * Metric names and values of one sample; names as MLflow's own sampler has them, so that the UI's system tab shows
 * them.
 */
export type SystemSample = Record<string, number>;

/**
 * Samples the machine: CPU, memory, GPUs by nvidia-smi, energy by RAPL where the kernel lets us read it. What is not
 * there is left out.
 */
export class SystemSampler {
  private cpu = cpuTimes();
  private energy = energyCounters();
  private energyAt = Date.now();
  private gpus = true;

  /** Values since the last sample (CPU load, watts) or now (memory, GPUs). */
  async sample(): Promise<SystemSample> {
    const megabyte = 1e6;
    const used = os.totalmem() - os.freemem();
    return {
      'system/cpu_utilization_percentage': this.cpuLoad(),
      'system/system_memory_usage_megabytes': used / megabyte,
      'system/system_memory_usage_percentage': (100 * used) / os.totalmem(),
      'system/process_memory_usage_megabytes': process.memoryUsage.rss() / megabyte,
      ...this.power(),
      ...(await this.gpuLoad()),
    };
  }

  private cpuLoad(): number {
    const now = cpuTimes();
    const total = now.total - this.cpu.total;
    const idle = now.idle - this.cpu.idle;
    this.cpu = now;
    return total <= 0 ? 0 : 100 * (1 - idle / total);
  }

  /** Watts of each RAPL domain: the difference of its energy counter over the time between samples. */
  private power(): SystemSample {
    const now = energyCounters();
    const at = Date.now();
    const seconds = (at - this.energyAt) / 1000;
    const sample: SystemSample = {};
    for (const [name, microjoules] of now) {
      const before = this.energy.get(name);
      // The counter wraps about once an hour under load: that one sample is left out.
      if (before !== undefined && microjoules >= before && seconds > 0)
        sample[`system/${name}_power_watts`] = (microjoules - before) / 1e6 / seconds;
    }
    this.energy = now;
    this.energyAt = at;
    return sample;
  }

  private async gpuLoad(): Promise<SystemSample> {
    if (!this.gpus) return {};
    const text = await new Promise<string | undefined>((resolve) => {
      execFile(
        'nvidia-smi',
        ['--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw', '--format=csv,noheader,nounits'],
        { timeout: 5000 },
        (error, stdout) => resolve(error ? undefined : stdout),
      );
    });
    this.gpus = text !== undefined;
    return text === undefined ? {} : parseNvidiaSmi(text);
  }
}

/** Lines of `index, utilization %, used MiB, total MiB, watts`; `[N/A]` fields are left out. */
export function parseNvidiaSmi(text: string): SystemSample {
  const sample: SystemSample = {};
  for (const line of text.trim().split('\n')) {
    const [index, load, usedMib, totalMib, watts] = line.split(',').map((part) => Number.parseFloat(part));
    const put = (name: string, value: number): void => {
      if (Number.isFinite(value)) sample[`system/gpu_${index}_${name}`] = value;
    };
    put('utilization_percentage', load);
    put('memory_usage_megabytes', (usedMib * 1024 * 1024) / 1e6);
    put('memory_usage_percentage', (100 * usedMib) / totalMib);
    put('power_usage_watts', watts);
  }
  return sample;
}

function cpuTimes(): { total: number; idle: number } {
  let total = 0;
  let idle = 0;
  for (const { times } of os.cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total, idle };
}

function energyCounters(): Map<string, number> {
  const counters = new Map<string, number>();
  const root = '/sys/class/powercap';
  try {
    for (const domain of fs.readdirSync(root).filter((entry) => /^intel-rapl:\d+$/.test(entry))) {
      const name = fs
        .readFileSync(`${root}/${domain}/name`, 'utf8')
        .trim()
        .replace(/[^\w-]/g, '_');
      counters.set(name, Number(fs.readFileSync(`${root}/${domain}/energy_uj`, 'utf8')));
    }
  } catch {
    // Not Linux, no RAPL, or readable by root only: no energy then.
  }
  return counters;
}
