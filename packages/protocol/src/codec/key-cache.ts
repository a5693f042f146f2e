/** Strings that were read before: the keys of info dictionaries, step after step. */

const slots = 256;
const maxLength = 32;

export class KeyCache {
  readonly #keys = new Array<string>(slots).fill('');

  /** The UTF-8 text from `start` to `end`. */
  get(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0 || length > maxLength) return bytes.toString('utf8', start, end);
    const middle = bytes[start + (length >> 1)];
    const slot = (length + 5 * bytes[start] + 17 * middle + 67 * bytes[end - 1]) % slots;
    const known = this.#keys[slot];
    if (isText(known, bytes, start, length)) return known;
    const key = bytes.toString('utf8', start, end);
    this.#keys[slot] = key;
    return key;
  }
}

/** Only where all of it is ASCII, whose characters are bytes. */
function isText(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i];
    if (byte >= 0x80 || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}
