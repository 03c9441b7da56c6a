/**
 * Makes a backend of tfjs the current one: another engine of this process may have taken the place. A backend that has
 * started before is switched to at once; waiting for the promise would let the other engine in again.
 */
export function activateBackend(
  tf: { getBackend(): string; setBackend(name: string): Promise<boolean> },
  name: string,
): void {
  if (tf.getBackend() !== name) void tf.setBackend(name);
}
