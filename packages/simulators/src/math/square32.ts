import { fixedExp2Table, fixedToNumber } from './fixed-point.ts';
import { scaleByPowerOfTwo } from './float-bits.ts';
import { fma } from './fma.ts';

/** Adding and subtracting it rounds to a multiple of 1 / 32. */
const ROUND_TO_32ND = 1.5 * 2 ** 47;

const float32 = new Float32Array(1);
const bits = new Int32Array(float32.buffer);
/** The first interval of the logarithm begins here (bits of about 0.699). */
const LOG_START = 0x3f330000;

/** About 1 / centre of each of 16 intervals, and minus its binary logarithm. */
const log2Table = [
  1.398907162146528, -0.48430022186289673, 1.3403141896637998, -0.42257122959194704, 1.286432210124115,
  -0.3633754347673556, 1.2367150214269895, -0.30651309567405577, 1.1906977166711752, -0.25180720160537634,
  1.1479821020556429, -0.19910014943794563, 1.1082251448272158, -0.14825100623281615, 1.0711297413057381,
  -0.09913323807318392, 1.036437278977283, -0.051632812977629436, 1, 0, 0.9492859795739057,
  0.07508531937943004, 0.8951049428609004, 0.15987125980713107, 0.8476821620351103, 0.2384046664317681,
  0.8050314851692001, 0.31288288605863257, 0.7664671008843108, 0.38370422656453185, 0.731428603316328,
  0.451211048935815,
];

/** 2^(i / 32) */
const exp2Table = Float64Array.from(fixedExp2Table(5), fixedToNumber);

/** Stretches half a unit in the last place from 0.49; powf's result is 0.502 units from x^2 at most. */
const STRETCH = 1.02;

/**
 * powf(x, 2), like `numpy.float32(x) ** 2`, as glibc computes it: exp2(2 log2 x) in double precision, rounded
 * once. Source as in square.ts; exact to glibc's bits for 2^-60 < |x| < 2^60.
 *
 * @param x a float32
 */
export function square32(x: number): number {
  const exact = x * x;
  const rounded = Math.fround(exact);
  const size = Math.abs(x);
  if (!(size > 2 ** -60 && size < 2 ** 60)) return rounded;
  const stretched = Math.fround(rounded + (exact - rounded) * STRETCH);
  return stretched === rounded ? rounded : glibcSquare32(size);
}

/** exp2(2 log2(size)), rounded to float32. */
export function glibcSquare32(size: number): number {
  float32[0] = size;
  const offset = bits[0] - LOG_START;
  const exponent = offset >> 23;
  const at = 2 * ((offset >> 19) & 15);
  bits[0] = bits[0] - (exponent << 23);
  const r = fma(float32[0], log2Table[at], -1);
  const rSquare = r * r;
  let log = fma(1.4426950408774342, r, exponent + log2Table[at + 1]);
  log = fma(fma(0.480898481472577, r, -0.7213474675006291), rSquare, log);
  log = fma(fma(0.288457581109214, r, -0.36092606229713164), rSquare * rSquare, log);

  const product = 2 * log;
  const nearest = product + ROUND_TO_32ND - ROUND_TO_32ND;
  const steps = nearest * 32;
  const scale = scaleByPowerOfTwo(exp2Table[steps & 31], steps >> 5);
  const rest = product - nearest;
  const power = fma(
    fma(0.05550361559341535, rest, 0.2402284522445722),
    rest * rest,
    fma(0.6931471806916203, rest, 1),
  );
  return Math.fround(power * scale);
}
