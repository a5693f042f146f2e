/** How many parts an encoded request has, without decoding it. Knows the messages of env_service.proto by their numbers. */

/** What a message holds by field number: other messages, or numbers packed into one field. The rest holds nothing. */
export interface Parts {
  readonly [field: number]: Parts | 'numbers';
}

const none: Parts = {};
const tensor: Parts = { 2: 'numbers' };
const value: Record<number, Parts> = { 1: none, 7: tensor, 8: tensor };
const list: Parts = { 1: value };
const entry: Parts = { 2: value };
const dict: Parts = { 1: entry };
Object.assign(value, { 9: list, 10: list, 11: dict });

const reset: Parts = { 4: { 1: none }, 5: dict, 6: 'numbers' };
const step: Parts = { 3: value };
const call: Parts = { 4: 'numbers', 5: list, 6: dict };
const read: Parts = { 3: 'numbers' };

/** By the names of the service's methods. */
export const requestParts = {
  Handshake: { 1: none },
  ListEnvs: none,
  MakeSession: { 2: entry },
  Reset: reset,
  Step: step,
  Render: none,
  CallMethod: call,
  ReadAttribute: read,
  CloseSession: none,
  Interact: { 1: none, 2: reset, 3: step, 4: none, 5: none, 7: call, 8: read },
} as const satisfies Record<string, Parts>;

/** Deeper than any message of this protocol: `Value` nests 32 levels, of three messages each. */
const maxDepth = 120;

/**
 * Counts until `limit` is passed.
 * @returns more than `limit` for messages that nest too deep, too; what is no message at all counts as far as it is one
 */
export function countParts(bytes: Buffer, parts: Parts, limit: number): number {
  return new PartCounter(bytes, limit).count(parts);
}

class PartCounter {
  readonly #bytes: Buffer;
  readonly #limit: number;
  #at = 0;
  #count = 0;

  constructor(bytes: Buffer, limit: number) {
    this.#bytes = bytes;
    this.#limit = limit;
  }

  count(parts: Parts): number {
    this.#message(parts, this.#bytes.length, 0);
    return this.#count;
  }

  #message(parts: Parts, end: number, depth: number): void {
    if (depth > maxDepth) this.#count = this.#limit + 1;
    while (this.#at < end && this.#count <= this.#limit) {
      this.#count += 1;
      const tag = this.#varint(end);
      const wireType = tag & 7;
      if (wireType === 0) this.#varint(end);
      else if (wireType === 1) this.#at += 8;
      else if (wireType === 5) this.#at += 4;
      else if (wireType === 2) this.#delimited(parts[tag >>> 3], end, depth);
    }
  }

  #delimited(held: Parts | 'numbers' | undefined, outer: number, depth: number): void {
    const length = this.#varint(outer);
    const end = Math.min(outer, this.#at + length);
    if (held === 'numbers') this.#count += end - this.#at;
    else if (held !== undefined) this.#message(held, end, depth + 1);
    this.#at = end;
  }

  /** Below 2^32; what is larger is no tag and no length here. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; this.#at < end; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value >>> 0;
  }
}
