/** Steps whose times the median is taken over. */
const KEPT = 512;

/** Times the steps of one process: how long each computes, and how long it waits for its patches. */
export class StepClock {
  private readonly stepTimes: number[] = [];
  private waited = 0;
  private busy = 0;
  private startedAt = 0;
  private readyAt = 0;

  /** A step begins to wait for its patches. */
  start(): void {
    this.startedAt = performance.now();
  }

  /** Its patches are there; it computes. */
  patchesCame(): void {
    this.readyAt = performance.now();
  }

  stepEnded(step: number): void {
    const end = performance.now();
    // Nothing could be prepared beforehand for the very first step.
    if (this.stepTimes.length > 0 || step > 1) {
      this.waited += this.readyAt - this.startedAt;
      this.busy += end - this.startedAt;
    }
    this.stepTimes.push(end - this.readyAt);
    if (this.stepTimes.length > KEPT) this.stepTimes.shift();
  }

  /** Median time of a step, patches not counted; null before the first. */
  get medianMs(): number | null {
    if (this.stepTimes.length === 0) return null;
    const sorted = [...this.stepTimes].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }

  /** Share of the time that steps waited for their patches; null before the second. */
  get waitShare(): number | null {
    return this.busy > 0 ? this.waited / this.busy : null;
  }
}
