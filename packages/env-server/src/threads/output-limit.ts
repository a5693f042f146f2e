/**
 * What code of users prints, held to a limit where it is printed: the server would have to take all of it before it could
 * leave any of it out, and a thread's output waits in memory, not in a pipe.
 */

/** So many characters or bytes at once, and then so many a second: more than the log takes of them. */
const burst = 256 * 1024;
const perSecond = 64 * 1024;
/** What each print counts besides: a thread's arrive one by one. */
const perPrint = 100;

export interface Printer {
  write(chunk: Uint8Array | string, ...rest: readonly unknown[]): boolean;
}

/** @param now ms, for tests */
export function limitOutput(stream: Printer, now: () => number = () => performance.now()): void {
  const print = stream.write.bind(stream);
  let room = burst;
  let filledAt = now();
  let leftOut = 0;
  const write = (chunk: Uint8Array | string, ...rest: readonly unknown[]): boolean => {
    // Wrong use is the stream's to refuse.
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return print(chunk, ...rest);
    const time = now();
    room = Math.min(burst, room + ((time - filledAt) / 1000) * perSecond);
    filledAt = time;
    const length = Math.max(0, Math.min(chunk.length, Math.floor(room) - perPrint));
    if (length > 0) room -= length + perPrint;
    if (length > 0 && leftOut > 0) {
      print(`\n(${leftOut} characters were left out here: too much was printed)\n`);
      leftOut = 0;
    }
    leftOut += chunk.length - length;
    if (length > 0) return print(length === chunk.length ? chunk : chunk.slice(0, length), ...rest);
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(() => void Reflect.apply(done, undefined, []));
    return true;
  };
  Object.assign(stream, { write });
}
