/** The two 32-bit halves of a double, whatever the machine's byte order. */
const float64 = new Float64Array(1);
const words = new Int32Array(float64.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Sign, exponent and the first 20 bits of the significand. */
export function highWord(x: number): number {
  float64[0] = x;
  return words[HIGH];
}

/** The double with this high word and zeros below. */
export function fromHighWord(word: number): number {
  words[HIGH] = word;
  words[LOW] = 0;
  return float64[0];
}

/** x * 2^exponent, where both x and the result are normal. */
export function scaleByPowerOfTwo(x: number, exponent: number): number {
  float64[0] = x;
  words[HIGH] = words[HIGH] + (exponent << 20);
  return float64[0];
}

/** Returns, of a double and its neighbour in the direction of `towards`' sign, the one whose last bit is one. */
export function makeOdd(x: number, towards: number): number {
  float64[0] = x;
  const low = words[LOW];
  if ((low & 1) === 1) return x;
  if (towards > 0 === x > 0) {
    words[LOW] = low + 1;
  } else {
    words[LOW] = low - 1;
    if (low === 0) words[HIGH] = words[HIGH] - 1;
  }
  return float64[0];
}
