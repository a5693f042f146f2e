const last = 2 ** 32 - 1;

/** The sequence number after this one: 1 follows 0 and 2^32 − 1 (0 means unnumbered). */
export function nextSequence(sequence: number): number {
  return sequence === last ? 1 : sequence + 1;
}
