/**
 * Protocol buffers' binary encoding, written from the end: a message's length is known once its content is there,
 * so that nothing is measured before or moved afterwards. What comes last in the message is written first.
 */

/** Messages share memory of this size, which is never written again: to hand one out costs no copy. */
const chunkBytes = 2 ** 16;

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2 } as const;

export class BackwardWriter {
  #bytes = Buffer.allocUnsafeSlow(chunkBytes);
  #view = new DataView(this.#bytes.buffer);
  /** Where the message ends, and where what is written of it starts. */
  #end = chunkBytes;
  #start = chunkBytes;

  /** How many bytes are written: taken before a content, it is what `closeMessage` needs after it. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** @param value an integer in [0, 2^32) */
  varint(value: number): void {
    this.#reserve(5);
    if (value < 0x80) {
      this.#bytes[--this.#start] = value;
      return;
    }
    const size = value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
    let rest = value;
    let at = this.#start - size;
    this.#start = at;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest & 0x7f) | 0x80;
    this.#bytes[at] = rest;
  }

  /** @param value an integer in [0, 2^64) */
  bigVarint(value: bigint): void {
    const groups: number[] = [];
    for (let rest = value; groups.length === 0 || rest > 0n; rest >>= 7n) groups.push(Number(rest & 0x7fn));
    this.#reserve(groups.length);
    for (let i = groups.length - 1; i >= 0; i--) {
      this.#bytes[--this.#start] = groups[i] | (i === groups.length - 1 ? 0 : 0x80);
    }
  }

  /** @param field below 16 */
  tag(field: number, wireType: number): void {
    this.#reserve(1);
    this.#bytes[--this.#start] = (field << 3) | wireType;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#view.setFloat64(this.#start, value, true);
  }

  /** The bytes of a typed array, without a length. */
  elements(data: NodeJS.ArrayBufferView & ArrayLike<number | bigint>): void {
    this.#reserve(data.byteLength);
    this.#start -= data.byteLength;
    // Element by element: for few numbers that is faster than a view over them.
    if (data.length <= 32 && data instanceof Float64Array) {
      for (let i = 0; i < data.length; i++) this.#view.setFloat64(this.#start + i * 8, data[i], true);
    } else if (data.length <= 32 && data instanceof Float32Array) {
      for (let i = 0; i < data.length; i++) this.#view.setFloat32(this.#start + i * 4, data[i], true);
    } else {
      this.#bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), this.#start);
    }
  }

  /** One byte each, 0 or 1. */
  flags(flags: readonly boolean[]): void {
    this.#reserve(flags.length);
    this.#start -= flags.length;
    for (let i = 0; i < flags.length; i++) this.#bytes[this.#start + i] = flags[i] ? 1 : 0;
  }

  /** UTF-8, without a length. @throws TypeError for half a surrogate pair, which UTF-8 has not */
  text(text: string): void {
    this.#reserve(3 * text.length);
    const { length } = text;
    const first = this.#start - length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.#longText(text);
        return;
      }
      this.#bytes[first + i] = code;
    }
    this.#start = first;
  }

  #longText(text: string): void {
    if (/\p{Surrogate}/u.test(text)) throw new TypeError('no valid Unicode');
    this.#start -= Buffer.byteLength(text);
    this.#bytes.write(text, this.#start);
  }

  /** Puts tag and length before a content. @param end `length` before the content was written */
  closeMessage(field: number, end: number): void {
    this.varint(this.length - end);
    this.tag(field, wireTypes.bytes);
  }

  /** What was written; the writer starts anew. */
  finish(): Buffer {
    const message = this.#bytes.subarray(this.#start, this.#end);
    this.#end = this.#start;
    if (this.#bytes.length > chunkBytes) this.#replace(chunkBytes);
    return message;
  }

  /** Forgets what was written since the last `finish`. */
  clear(): void {
    this.#start = this.#end;
  }

  #reserve(bytes: number): void {
    if (this.#start >= bytes) return;
    const { length } = this;
    const written = this.#bytes.subarray(this.#start, this.#end);
    const needed = length + bytes;
    this.#replace(needed <= chunkBytes / 4 ? chunkBytes : 2 ** Math.ceil(Math.log2(2 * needed)));
    this.#start -= length;
    this.#bytes.set(written, this.#start);
  }

  #replace(size: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#view = new DataView(this.#bytes.buffer);
    this.#end = size;
    this.#start = size;
  }
}
