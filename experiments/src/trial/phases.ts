/** Parts of a trial's process, in their order; its modules are loaded before the first. */
type Phase = 'data' | 'engine' | 'graph' | 'training' | 'scores' | 'results';

/**
 * Marks in the process's timeline that a part begins, which ends the one before it, with the time of the CPU until
 * then. `tools/bench/sweep/start.mjs` reads the marks; a sweep does not.
 */
export function beginPhase(phase: Phase): void {
  performance.mark(`lacuna:${phase}`, { detail: process.cpuUsage() });
}
