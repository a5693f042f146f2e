/**
 * How large what simulators give may be. It is held to this where they run: what is sent with every step, or what a
 * client asks for, must not keep the server from its other sessions, and a host's reply is decoded in the server's thread.
 */
import { type Info, isTensor, maxDepth, Tuple, type Value, type ValueDict } from '@gymwire/protocol';

/** Dictionary entries and list items of one info or value, at all levels together. */
export const maxEntries = 10_000;
/** Entries of all environments in one reply. */
const maxReplyEntries = 250_000;
/** Size of the texts (in UTF-16 units), bytes and tensors of an info. */
export const maxInfoBytes = 16 * 2 ** 20;
export const defaultMaxMessageBytes = 64 * 2 ** 20;

/** Room for what is around a value in its message. */
export const frameBytes = 64;

/** The budget of the environments that one thread steps, for one call after the other. */
export class ReplyBudget {
  /** Bytes of a message. */
  readonly maxBytes: number;
  #entries = 0;
  #bytes = 0;

  constructor(maxMessageBytes: number) {
    this.maxBytes = maxMessageBytes - frameBytes;
  }

  /** A call begins, and a reply. */
  renew(): void {
    this.#entries = 0;
    this.#bytes = 0;
  }

  /** @returns what is too large about it and where, or undefined */
  infoExcess(info: Info): string | undefined {
    const size = new Size('info', Math.min(maxInfoBytes, this.maxBytes));
    return size.addDict(info, 0) ? this.#add(size) : size.excess;
  }

  /** Returns what is too much of any value, as `infoExcess`. @param name in what it returns */
  valueExcess(value: unknown, name: string): string | undefined {
    const size = new Size(name, this.maxBytes);
    return size.add(value as Value, 0) ? this.#add(size) : size.excess;
  }

  #add({ entries, bytes }: Size): string | undefined {
    this.#entries += entries;
    this.#bytes += bytes;
    if (this.#entries > maxReplyEntries)
      return `with those of the other environments, more than ${maxReplyEntries} entries`;
    if (this.#bytes <= this.maxBytes) return undefined;
    return `with those of the other environments, more than the ${this.maxBytes} bytes that a reply may have`;
  }
}

/** Nothing where a getter throws: whoever takes the value tells of that. */
function valueAt(dict: ValueDict, key: string): Value {
  try {
    return dict[key];
  } catch {
    return null;
  }
}

/** Adds up until it is too much; each method says whether it is not yet. Shared parts count wherever they come. */
class Size {
  readonly #name: string;
  readonly #maxBytes: number;
  readonly #path: Array<string | number> = [];
  entries = 0;
  bytes = 0;
  excess = '';

  constructor(name: string, maxBytes: number) {
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  addDict(dict: ValueDict, depth: number): boolean {
    for (const key in dict) {
      this.bytes += key.length;
      if (!this.#addEntry(key, valueAt(dict, key), depth)) return false;
    }
    return true;
  }

  add(value: Value, depth: number): boolean {
    if (typeof value === 'string') return this.#addBytes(value.length);
    if (typeof value !== 'object' || value === null) return true;
    if (ArrayBuffer.isView(value)) return this.#addBytes(value.byteLength);
    if (isTensor(value)) return this.#addBytes(value.data.byteLength);
    // What nests deeper is refused for that.
    if (depth >= maxDepth) return true;
    const items = value instanceof Tuple ? value.items : value;
    if (!Array.isArray(items)) return this.addDict(items as ValueDict, depth + 1);
    // An array may be long and empty.
    if (this.entries + items.length > maxEntries) return this.#refuseEntries();
    return (items as readonly Value[]).every((item, i) => this.#addEntry(i, item, depth + 1));
  }

  #addEntry(key: string | number, value: Value, depth: number): boolean {
    this.entries += 1;
    if (this.entries > maxEntries) return this.#refuseEntries();
    if (typeof value === 'number' || typeof value === 'boolean') return true;
    this.#path.push(key);
    if (!this.add(value, depth)) return false;
    this.#path.pop();
    return true;
  }

  #addBytes(bytes: number): boolean {
    this.bytes += bytes;
    if (this.bytes <= this.#maxBytes) return true;
    return this.#refuse(`${this.bytes} bytes so far, more than the ${this.#maxBytes} that it may have`);
  }

  #refuseEntries(): false {
    return this.#refuse(
      `more than the ${maxEntries} entries that it may have; send many numbers as one tensor`,
    );
  }

  #refuse(why: string): false {
    this.excess = `${this.#name}${this.#path.map((key) => `[${JSON.stringify(key)}]`).join('')}: ${why}`;
    return false;
  }
}
