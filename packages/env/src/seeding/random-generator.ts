/** NumPy's `Generator`, as far as environments use it: same seed, same draws. */
export interface RandomGenerator {
  /** Uniform in [0, 1), 53 bits. */
  random(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Standard normal (NumPy's ziggurat). */
  standardNormal(): number;
  /** Uniform integer in [low, high). */
  integers(low: number, high: number): number;
}
