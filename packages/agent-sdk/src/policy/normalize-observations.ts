import { AgentError } from '../errors.ts';
import type { ObservationNormalizer } from './policy-snapshot.ts';

/**
 * (x − mean) / scale, clipped to ±clip, each operation in float32: bit for bit what the exported policy computes.
 * @param observations [n, observationSize] row-major
 * @param out [n, observationSize]; may be `observations` itself
 * @throws AgentError SHAPE_MISMATCH
 */
export function normalizeObservations(
  observations: Float32Array,
  { mean, scale, clip }: ObservationNormalizer,
  out: Float32Array,
): void {
  const size = mean.length;
  if (observations.length % size !== 0 || out.length !== observations.length) {
    throw new AgentError(
      'SHAPE_MISMATCH',
      `normaliser: expected two arrays of one size, a multiple of ${size}; got ${observations.length} and ${out.length} values`,
    );
  }
  for (let start = 0; start < observations.length; start += size) {
    for (let k = 0; k < size; k++) {
      const centred = Math.fround(observations[start + k] - mean[k]);
      const scaled = Math.fround(centred / scale[k]);
      out[start + k] = Math.max(-clip, Math.min(clip, scaled));
    }
  }
}
