/**
 * Protocol buffers' binary encoding, as far as encoders write it. Whatever is legal but unusual, and whatever is
 * wrong, is `Irregular`: for protobufjs to read, or to refuse.
 */
import { KeyCache } from './key-cache.ts';

/** Thrown as one instance, since it carries nothing. */
class Irregular extends Error {}
const irregular = new Irregular('not in the usual form');

/** @throws Irregular */
export function refuse(): never {
  throw irregular;
}

/** `read`, or what `otherwise` makes of a message in another form. */
export function readOr<T>(read: () => T, otherwise: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error === irregular) return otherwise();
    throw error;
  }
}

const keys = new KeyCache();

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** True where there is more of the message that was entered last. */
  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  /** Goes into a message. @returns what `leave` needs */
  enter(): number {
    const length = this.varint();
    const outer = this.#end;
    if (length > outer - this.#at) refuse();
    this.#end = this.#at + length;
    return outer;
  }

  /** The message that was entered has been read to its end. */
  leave(outer: number): void {
    this.#end = outer;
  }

  /** A tag, whose field number is at most 15, or an integer below 2^32. */
  varint(): number {
    let byte = this.#byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 0x80; factor <= 0x1000_0000; factor *= 0x80) {
      byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value < 2 ** 32 ? value : refuse();
    }
    return refuse();
  }

  /** An integer below 2^64. */
  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value < 1n << 64n ? value : refuse();
    }
    return refuse();
  }

  double(): number {
    const at = this.#at;
    this.#skip(8);
    return this.#bytes.readDoubleLE(at);
  }

  /** The content of a length-delimited field: a view, to be copied. */
  bytes(): Buffer {
    const length = this.span();
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Passes over a length-delimited field. @returns its length; it ends at `position` */
  span(): number {
    const length = this.varint();
    this.#skip(length);
    return length;
  }

  get position(): number {
    return this.#at;
  }

  /** A string that occurs again and again. */
  key(): string {
    const length = this.span();
    return keys.get(this.#bytes, this.#at - length, this.#at);
  }

  text(): string {
    const length = this.span();
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  /** Float64 at any place of the buffer; the caller has checked it with `span`. */
  float64At(at: number): number {
    return this.#bytes.readDoubleLE(at);
  }

  float32At(at: number): number {
    return this.#bytes.readFloatLE(at);
  }

  byteAt(at: number): number {
    return this.#bytes[at];
  }

  /** A copy, aligned. */
  copy(from: number, to: number): ArrayBuffer {
    const copy = new Uint8Array(to - from);
    copy.set(this.#bytes.subarray(from, to));
    return copy.buffer;
  }

  #byte(): number {
    if (this.#at >= this.#end) refuse();
    return this.#bytes[this.#at++];
  }

  #skip(bytes: number): void {
    if (bytes > this.#end - this.#at) refuse();
    this.#at += bytes;
  }
}
