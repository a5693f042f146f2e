import { AgentError } from '../errors.ts';

/**
 * The way between the actor's action units, [-1, 1] in every dimension, and the environment's: the only place where
 * the two meet. Per dimension, in float32: clamp(x · scale + bias, low, high). The clamp is for rounding, which
 * can pass a bound by one unit in the last place.
 */
export class ActionScaler {
  readonly size: number;
  /** The environment's bounds as float32, rounded inwards where they are float64. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** (high − low) / 2 */
  readonly scale: Float32Array;
  /** (high + low) / 2 */
  readonly bias: Float32Array;

  /**
   * Takes the bounds of an action space.
   * @param low [actionSize], environment units; float64 bounds are rounded inwards
   * @param high [actionSize]
   * @throws AgentError INVALID_ACTION_BOUNDS where one is not finite, or low < high does not hold as float32;
   * SHAPE_MISMATCH
   */
  constructor(low: ArrayLike<number>, high: ArrayLike<number>) {
    if (low.length !== high.length || low.length === 0) {
      throw new AgentError(
        'SHAPE_MISMATCH',
        `action bounds: expected low and high of one size above 0, got ${low.length} and ${high.length}`,
      );
    }
    this.size = low.length;
    this.low = Float32Array.from(low, (bound) => roundInwards(bound, 1));
    this.high = Float32Array.from(high, (bound) => roundInwards(bound, -1));
    this.scale = this.high.map((bound, i) => bound / 2 - this.low[i] / 2);
    this.bias = this.high.map((bound, i) => bound / 2 + this.low[i] / 2);
    for (let i = 0; i < this.size; i++) {
      const isFinite = Number.isFinite(this.low[i]) && Number.isFinite(this.high[i]);
      // Bounds closer than float32 can tell apart have a scale of 0.
      if (!isFinite || !(this.scale[i] > 0)) {
        throw new AgentError(
          'INVALID_ACTION_BOUNDS',
          `action dimension ${i}: expected finite bounds with low < high, got [${low[i]}, ${high[i]}]; TD3 needs a bounded action space`,
        );
      }
    }
  }

  /**
   * Scales actions from [-1, 1] units to the environment's.
   * @param actions [n, size] row-major
   * @param out [n, size]; may be `actions` itself
   * @throws AgentError SHAPE_MISMATCH
   */
  toEnv(actions: Float32Array, out: Float32Array): void {
    this.#check(actions, out);
    for (let i = 0; i < actions.length; i++) {
      const k = i % this.size;
      const scaled = Math.fround(actions[i] * this.scale[k]) + this.bias[k];
      out[i] = Math.min(Math.max(scaled, this.low[k]), this.high[k]);
    }
  }

  /**
   * Scales actions from the environment's units to [-1, 1], clamped.
   * @param actions [n, size] row-major
   * @param out [n, size]; may be `actions` itself
   * @throws AgentError SHAPE_MISMATCH
   */
  fromEnv(actions: Float32Array, out: Float32Array): void {
    this.#check(actions, out);
    for (let i = 0; i < actions.length; i++) {
      const k = i % this.size;
      const centred = (actions[i] - this.bias[k]) / this.scale[k];
      out[i] = Math.min(Math.max(centred, -1), 1);
    }
  }

  #check(actions: Float32Array, out: Float32Array): void {
    if (actions.length % this.size !== 0 || out.length !== actions.length) {
      throw new AgentError(
        'SHAPE_MISMATCH',
        `action scaler: expected two arrays of one size, a multiple of ${this.size}; got ${actions.length} and ${out.length} values`,
      );
    }
  }
}

/** The nearest float32 that is not outside a float64 bound. @param inwards 1 for a lower bound, −1 for an upper */
function roundInwards(bound: number, inwards: 1 | -1): number {
  const rounded = Math.fround(bound);
  // Beyond float32's range there is no bound left; the caller refuses it.
  if (!Number.isFinite(rounded)) return rounded;
  return (bound - rounded) * inwards > 0 ? nextFloat32(rounded, inwards) : rounded;
}

/** The float32 next to `value`. @param direction 1 for the one above, −1 for the one below */
function nextFloat32(value: number, direction: 1 | -1): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  // Neighbouring floats of one sign have neighbouring bit patterns, which grow away from zero.
  if (value === 0) bits[0] = direction === 1 ? 1 : 0x80000001;
  else bits[0] = bits[0] + (value > 0 === direction > 0 ? 1 : -1);
  return float[0];
}
