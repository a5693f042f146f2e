/**
 * Decoders that never throw. grpc-js ends a call whose message its decoder refuses, before the answers to earlier
 * messages are out and without a code; so what cannot be decoded travels on as such, and is answered in its turn.
 */
import { countParts, type Parts } from './message-parts.ts';

/** What came in place of a message. */
export class Undecodable {
  /** The reason, for people: what is wrong with the bytes. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export type Decode<T> = (bytes: Buffer) => T;

/** `decode`, with what it throws as a value. */
export function orUndecodable<T>(decode: Decode<T>): Decode<T | Undecodable> {
  return (bytes) => {
    try {
      return decode(bytes);
    } catch (thrown) {
      return new Undecodable(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
}

/** Messages up to here are not worth counting: at two bytes a part they are decoded in some 30 ms at most. */
const smallMessage = 2 ** 16;

/**
 * `orUndecodable`, for messages of strangers: a message of 64 MiB can hold 32 million empty ones, which would take
 * half a minute and gigabytes to decode.
 * @param parts what the message holds
 * @param maxParts fields, and elements of lists of numbers, at every depth
 */
export function boundedDecoder<T>(
  decode: Decode<T>,
  parts: Parts,
  maxParts: number,
): Decode<T | Undecodable> {
  const tolerant = orUndecodable(decode);
  return (bytes) => {
    if (bytes.length <= smallMessage || countParts(bytes, parts, maxParts) <= maxParts)
      return tolerant(bytes);
    return new Undecodable(`more than ${maxParts} parts in a message of ${bytes.length} bytes`);
  };
}
