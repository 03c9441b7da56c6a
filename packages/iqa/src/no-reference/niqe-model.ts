import { NIQE_PARAMETERS } from './niqe-parameters.js';

/** Features in the model. */
export const NIQE_FEATURES = 36;

/** The pristine model: mean, [36], and covariance, [36 · 36] row-major. */
export function pristineModel(): { mean: Float64Array; covariance: Float64Array } {
  const bytes = Uint8Array.from(atob(NIQE_PARAMETERS), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const mean = Float64Array.from({ length: NIQE_FEATURES }, (_, i) => view.getFloat64(8 * i, true));
  const covariance = new Float64Array(NIQE_FEATURES * NIQE_FEATURES);
  for (let i = 0, at = 8 * NIQE_FEATURES; i < NIQE_FEATURES; i++) {
    for (let j = 0; j <= i; j++, at += 8)
      covariance[i * NIQE_FEATURES + j] = covariance[j * NIQE_FEATURES + i] = view.getFloat64(at, true);
  }
  return { mean, covariance };
}
