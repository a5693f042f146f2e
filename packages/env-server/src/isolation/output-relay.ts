/** What simulators print, line by line into the server's log, and no more of it than a reader can use. */
import { StringDecoder } from 'node:string_decoder';
import type { Logger } from 'pino';

export type OutputStream = 'stdout' | 'stderr';

/** A line that is longer is cut. */
const maxLineLength = 2000;
/** So many lines at once; then so many a second. */
const burst = 100;
const linesPerSecond = 20;

/**
 * @param envId whose words they are
 * @param now ms, for tests
 * @returns takes bytes as they come
 */
export function createOutputRelay(
  log: Logger,
  envId: string,
  now: () => number = () => performance.now(),
): (stream: OutputStream, chunk: Buffer) => void {
  const budget = new LineBudget(now);
  const say = (stream: OutputStream, text: string) => {
    const line = text.trimEnd();
    if (line === '' || !budget.take()) return;
    const leftOut = budget.takeLeftOut();
    log.warn({ env: envId, stream, ...(leftOut > 0 && { leftOut }) }, line.slice(0, maxLineLength));
  };
  const lines = {
    stdout: new LineSplitter((line) => say('stdout', line)),
    stderr: new LineSplitter((line) => say('stderr', line)),
  };
  return (stream, chunk) => lines[stream].take(chunk);
}

class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length <= maxLineLength) return;
    this.#onLine(this.#rest);
    this.#rest = '';
  }
}

/** Lines that may be said now. */
class LineBudget {
  readonly #now: () => number;
  #lines = burst;
  #filledAt: number;
  #leftOut = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** @returns whether there is one more */
  take(): boolean {
    const now = this.#now();
    this.#lines = Math.min(burst, this.#lines + ((now - this.#filledAt) / 1000) * linesPerSecond);
    this.#filledAt = now;
    if (this.#lines < 1) {
      this.#leftOut += 1;
      return false;
    }
    this.#lines -= 1;
    return true;
  }

  /** Those that there was no room for since it was asked last. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
