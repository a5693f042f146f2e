/** Few but reproducible random numbers for probes: the same in every run, on every machine. */
export interface ProbeRandom {
  /** In [0, 1). */
  uniform(): number;
  /** Nearly standard normal, within ±6. */
  normal(): number;
  /** −1 or 1. */
  sign(): number;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough for some 10⁵ draws. */
export function createProbeRandom(seed: number): ProbeRandom {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    /** The sum of twelve uniforms: additions are exact on every machine, logarithms are not. */
    normal: () => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += uniform();
      return sum;
    },
    sign: () => (uniform() < 0.5 ? -1 : 1),
  };
}
