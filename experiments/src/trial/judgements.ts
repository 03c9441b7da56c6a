import type { Verdict } from '@lacuna/sweep';

/** What a sweep answers to the validations of a trial. */
export class Judgements {
  private readonly waiting = new Map<number, (prune: string | null) => void>();

  /** @param signal a trial that is to stop waits for nothing: its sweep may be gone. */
  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => {
      for (const resolve of this.waiting.values()) resolve(null);
    });
    this.signal = signal;
  }

  private readonly signal: AbortSignal;

  hear({ step, prune }: Verdict): void {
    this.waiting.get(step)?.(prune);
    this.waiting.delete(step);
  }

  /** The answer to the validation of a step: why the trial is pruned, or null. */
  of(step: number): Promise<string | null> {
    if (this.signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => this.waiting.set(step, resolve));
  }
}
