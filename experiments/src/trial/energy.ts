import { readFileSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { SlurmEnergy } from './slurm-energy.js';

/** What a trial cost in energy, or why that is not known. */
export type EnergyReading =
  { readonly joules: number; readonly source: string } | { readonly joules: null; readonly reason: string };

interface Domain {
  readonly path: string;
  readonly wrapMicrojoules: number;
}

const powercap = '/sys/class/powercap';

/** RAPL package domains that may be read here (Linux powercap; recent kernels allow it to root alone). */
function raplDomains(): Domain[] {
  try {
    return readdirSync(powercap)
      .filter((name) => /^intel-rapl:\d+$/.test(name))
      .map((name) => ({
        path: `${powercap}/${name}/energy_uj`,
        wrapMicrojoules: Number(readFileSync(`${powercap}/${name}/max_energy_range_uj`, 'utf8')),
      }))
      .filter((domain) => Number.isFinite(readMicrojoules(domain)));
  } catch {
    return [];
  }
}

function readMicrojoules(domain: Domain): number {
  try {
    return Number(readFileSync(domain.path, 'utf8'));
  } catch {
    return NaN;
  }
}

function gpuWatts(device: string | undefined): number | null {
  const query = spawnSync(
    'nvidia-smi',
    ['--query-gpu=power.draw', '--format=csv,noheader,nounits', ...(device ? ['-i', device] : [])],
    { encoding: 'utf8', timeout: 5000 },
  );
  if (query.status !== 0) return null;
  const watts = query.stdout
    .split('\n')
    .map(Number)
    .filter((value) => Number.isFinite(value) && value > 0);
  return watts.length > 0 ? watts.reduce((sum, value) => sum + value, 0) : null;
}

/**
 * Adds up the energy that the machine reports while a trial runs: RAPL counters of all CPU packages, and the GPU's
 * power integrated at each `sample()`; where neither can be read, what Slurm accounts. All cover the whole device, so
 * trials that run side by side share it: `share` is this trial's part (1 / number of workers).
 */
export class EnergyMeter {
  private readonly domains = raplDomains();
  private readonly before = this.domains.map(readMicrojoules);
  private readonly device = process.env['CUDA_VISIBLE_DEVICES'];
  private readonly hasGpu = gpuWatts(this.device) !== null;
  /** Asked where nothing can be read here. */
  private readonly slurm = this.domains.length === 0 && !this.hasGpu ? new SlurmEnergy() : null;
  private gpuJoules = 0;
  private cpuJoules = 0;
  private lastSample = performance.now();
  private readonly share: number;

  constructor(options: { share: number }) {
    this.share = options.share;
  }

  /** Call at least once a minute: counters wrap, and the GPU's power is integrated between calls. */
  sample(): void {
    const now = performance.now();
    this.domains.forEach((domain, i) => {
      const value = readMicrojoules(domain);
      const last = this.before[i];
      this.cpuJoules += (value >= last ? value - last : value - last + domain.wrapMicrojoules) / 1e6;
      this.before[i] = value;
    });
    if (this.hasGpu) this.gpuJoules += ((gpuWatts(this.device) ?? 0) * (now - this.lastSample)) / 1000;
    this.lastSample = now;
  }

  read(): EnergyReading {
    this.sample();
    const sources = [this.domains.length > 0 ? 'RAPL' : '', this.hasGpu ? 'nvidia-smi' : ''].filter(
      (name) => name !== '',
    );
    if (sources.length === 0) return this.accounted();
    return { joules: (this.cpuJoules + this.gpuJoules) * this.share, source: sources.join(' + ') };
  }

  private accounted(): EnergyReading {
    const joules = this.slurm?.joules() ?? null;
    if (joules === null)
      return { joules: null, reason: 'no readable energy counter (RAPL, nvidia-smi) on this machine' };
    return { joules: joules * this.share, source: "Slurm's accounting" };
  }
}
