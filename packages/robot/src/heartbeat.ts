/**
 * The pulse of a control thread as another thread sees it: ticks are counted in memory that both share. A driver that
 * blocks its thread blocks the watchdog too, and whoever waits for an answer must hear of it from elsewhere.
 */

const beats = 0;
const isEnding = 1;

export function createHeartbeat(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** The control thread's side. */
export class HeartbeatSender {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  beat(): void {
    Atomics.add(this.#words, beats, 1);
  }

  /** From now on ticks end, and nothing must be made of it. */
  end(): void {
    Atomics.store(this.#words, isEnding, 1);
  }
}

/** The other side; looks now and then. */
export class HeartbeatMonitor {
  readonly #words: Int32Array;
  #last: number | undefined;
  #silentLooks = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  /**
   * True where no tick has come since the second last look. One look is not enough: after a standstill of the whole machine
   * this thread may be the first to go on.
   */
  get isStill(): boolean {
    return this.#silentLooks >= 2 && Atomics.load(this.#words, isEnding) === 0;
  }

  look(): void {
    const now = Atomics.load(this.#words, beats);
    this.#silentLooks = now === this.#last ? this.#silentLooks + 1 : 0;
    this.#last = now;
  }
}
