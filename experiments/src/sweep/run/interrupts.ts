/** Ctrl-C as a sweep hears it. */
export interface Interrupts {
  /** Pressed once: stop after a checkpoint. */
  readonly stop: AbortSignal;
  /** Pressed again: stop at once. */
  readonly kill: AbortSignal;
  readonly release: () => void;
}

/** npm and nx pass a terminal's Ctrl-C on once more: signals so close to the first one are the same press. */
const SAME_PRESS_MS = 1000;

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Listens to SIGINT and SIGTERM until released. `onStop` is called at the first press. */
export function listenToInterrupts(onStop: () => void): Interrupts {
  const stop = new AbortController();
  const kill = new AbortController();
  let pressed = -Infinity;
  const handler = () => {
    if (stop.signal.aborted) {
      if (performance.now() - pressed > SAME_PRESS_MS) kill.abort();
    } else {
      pressed = performance.now();
      onStop();
      stop.abort();
    }
  };
  for (const signal of signals) process.on(signal, handler);
  return {
    stop: stop.signal,
    kill: kill.signal,
    release: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
}
