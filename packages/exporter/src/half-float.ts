/** IEEE 754 binary16, which Node 20 has no array for. */

/** To the nearest, ties to even. */
export function toHalf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfBits);
}

export function fromHalf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // Half of the last step above the largest number: rounds to infinity.
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  // Whole steps of this exponent; 2048 of them carry over into the next one, as bits do.
  const steps = roundToEven(size * 2 ** (10 - exponent));
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
