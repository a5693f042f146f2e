import { AgentError } from '../../../errors.ts';

/** What two threads meet in; all of it shared memory. */
export interface ExchangeMemory {
  /** int32: how many rows each thread has handed in, and whether one of them has failed. */
  readonly control: SharedArrayBuffer;
  /** float32, for each thread two places for its row: while one is read the next is written. */
  readonly places: readonly (readonly [SharedArrayBuffer, SharedArrayBuffer])[];
}

const failedIndex = 2;
/** Time for which a thread looks for the other's row before it lets its core go: they seldom differ by more. */
const spinMs = 0.1;
/** Time of one wait, and so until a thread notices that it waits in vain. */
const patienceMs = 200;

/** Reserves what two threads meet in. @param length of a row, in elements */
export function createExchangeMemory(length: number): ExchangeMemory {
  const place = () => new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT);
  return {
    control: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
    places: [
      [place(), place()],
      [place(), place()],
    ],
  };
}

/** Lets a thread go that waits for one that has failed. */
export function failExchange(memory: ExchangeMemory): void {
  const control = new Int32Array(memory.control);
  Atomics.store(control, failedIndex, 1);
  for (const index of [0, 1]) Atomics.notify(control, index);
}

/** The place where the two critics' threads tell each other what their target critics say. */
export class RowExchange {
  readonly #control: Int32Array;
  readonly #own: readonly Float32Array[];
  readonly #others: readonly Float32Array[];
  readonly #index: 0 | 1;
  #count = 0;

  /** Joins the exchange. @param index which of the two threads this is */
  constructor({ control, places }: ExchangeMemory, index: 0 | 1) {
    this.#control = new Int32Array(control);
    const [first = [], second = []] = places.map((pair) => pair.map((place) => new Float32Array(place)));
    [this.#own, this.#others] = index === 0 ? [first, second] : [second, first];
    this.#index = index;
  }

  /**
   * Hands this thread's row in and waits for the other's.
   * @param out filled with the other's
   * @throws AgentError TRAINING_FAILED when the other thread cannot go on
   */
  swap(own: Float32Array, out: Float32Array): void {
    const place = this.#count % 2;
    this.#own[place].set(own);
    this.#count++;
    Atomics.store(this.#control, this.#index, this.#count | 0);
    Atomics.notify(this.#control, this.#index);
    this.#awaitOther();
    out.set(this.#others[place]);
  }

  #awaitOther(): void {
    const other = 1 - this.#index;
    const before = (this.#count - 1) | 0;
    const spinUntil = performance.now() + spinMs;
    while (Atomics.load(this.#control, other) === before) {
      if (performance.now() < spinUntil) continue;
      if (Atomics.load(this.#control, failedIndex) !== 0) {
        throw new AgentError('TRAINING_FAILED', 'the other learner thread failed');
      }
      Atomics.wait(this.#control, other, before, patienceMs);
    }
  }
}
