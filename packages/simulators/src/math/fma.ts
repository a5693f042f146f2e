import { makeOdd } from './float-bits.ts';

/** Veltkamp's constant, 2^27 + 1: halves a 53-bit significand. */
const SPLITTER = 134217729;

/**
 * a * b + c with one rounding (IEEE 754 fusedMultiplyAdd), which JavaScript lacks. Exact as long as no product
 * of the operands over- or underflows: |a|, |b|, |c|, |a * b| within 2^-900 … 2^900, or zero.
 *
 * Source: S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using
 * rounding to odd", IEEE Transactions on Computers 57 (2008).
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  const productError = multiplicationError(a, b, product);

  const lower = c + productError;
  const lowerPart = lower - c;
  const lowerError = c - (lower - lowerPart) + (productError - lowerPart);

  const upper = product + lower;
  const upperPart = upper - product;
  const upperError = product - (upper - upperPart) + (lower - upperPart);

  return upper + addRoundedToOdd(lowerError, upperError);
}

/** a * b - product, exactly (Dekker). */
export function multiplicationError(a: number, b: number, product: number): number {
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

/** a + b; when inexact, that neighbour of the sum whose last bit is one, so that a later rounding is right. */
function addRoundedToOdd(a: number, b: number): number {
  const sum = a + b;
  const part = sum - a;
  const error = a - (sum - part) + (b - part);
  return error === 0 ? sum : makeOdd(sum, error);
}
