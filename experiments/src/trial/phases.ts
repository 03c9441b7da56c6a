/** Parts of a trial, in their order; the modules of its process are loaded before the first. */
type Phase = 'data' | 'engine' | 'graph' | 'training' | 'scores' | 'results';

/**
 * Marks in the process's timeline that a part begins, which ends the one before it, with the time of the CPU until
 * then. `tools/bench/sweep/start.mjs` reads the marks; a sweep does not.
 */
export function beginPhase(phase: Phase): void {
  performance.mark(`lacuna:${phase}`, { detail: process.cpuUsage() });
}

/** Marks that the process begins a trial. @param job the path of its job file. */
export function beginTrial(job: string): void {
  performance.mark('lacuna:trial', { detail: { ...process.cpuUsage(), job } });
}

/** Marks that the process has ended its trial. */
export function endTrial(): void {
  performance.mark('lacuna:end', { detail: process.cpuUsage() });
}
