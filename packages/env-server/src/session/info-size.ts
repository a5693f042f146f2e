/** How large an info may be: one that is sent with every step must not keep the server from its other sessions. */
import { type Info, isTensor, maxDepth, Tuple, type Value, type ValueDict } from '@gymwire/protocol';

/** Dictionary entries and list items, at all levels together. */
export const maxInfoEntries = 10_000;
/** Of texts (in UTF-16 units), bytes and tensors together. */
export const maxInfoBytes = 16 * 2 ** 20;

/** @returns what is too large about it and where, or undefined */
export function infoExcess(info: Info): string | undefined {
  const size = new InfoSize();
  return size.addDict(info, 0) ? undefined : size.excess;
}

/** Nothing where a getter throws: whoever takes the info tells of that. */
function valueAt(dict: ValueDict, key: string): Value {
  try {
    return dict[key];
  } catch {
    return null;
  }
}

/** Adds up until it is too much; each method says whether it is not yet. */
class InfoSize {
  #entries = 0;
  #bytes = 0;
  readonly #path: Array<string | number> = [];
  excess = '';

  addDict(dict: ValueDict, depth: number): boolean {
    for (const key in dict) {
      this.#bytes += key.length;
      if (!this.#addEntry(key, valueAt(dict, key), depth)) return false;
    }
    return true;
  }

  #addEntry(key: string | number, value: Value, depth: number): boolean {
    this.#entries += 1;
    if (this.#entries > maxInfoEntries) {
      return this.#refuse(
        `more than the ${maxInfoEntries} entries that an info may have; send many numbers as one tensor`,
      );
    }
    if (typeof value === 'number' || typeof value === 'boolean') return true;
    this.#path.push(key);
    if (!this.#add(value, depth)) return false;
    this.#path.pop();
    return true;
  }

  #add(value: Value, depth: number): boolean {
    if (typeof value === 'string') return this.#addBytes(value.length);
    if (typeof value !== 'object' || value === null) return true;
    if (ArrayBuffer.isView(value)) return this.#addBytes(value.byteLength);
    if (isTensor(value)) return this.#addBytes(value.data.byteLength);
    // What nests deeper is refused for that.
    if (depth >= maxDepth) return true;
    const items = value instanceof Tuple ? value.items : value;
    if (!Array.isArray(items)) return this.addDict(items as ValueDict, depth + 1);
    return (items as readonly Value[]).every((item, i) => this.#addEntry(i, item, depth + 1));
  }

  #addBytes(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= maxInfoBytes) return true;
    return this.#refuse(`${this.#bytes} bytes so far, more than the ${maxInfoBytes} that an info may have`);
  }

  #refuse(why: string): false {
    this.excess = `info${this.#path.map((key) => `[${JSON.stringify(key)}]`).join('')}: ${why}`;
    return false;
  }
}
