/** Who has been called and who has finished: the words of shared memory on which threads wait. */

/** What a thread is called for. */
export const callKinds = { step: 1, message: 2, seededStep: 3 } as const;

/** Threads have a cache line each. */
const WORDS_PER_LINE = 16;
/** Line 0: threads that have not finished, and whether the group has ended. */
const PENDING = 0;
const ENDED = 1;
/** In a thread's line: calls so far, the last one's kind, and whether its reply has a message. */
const CALLS = 0;
const KIND = 1;
const HAS_REPLY = 2;

export class Control {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  static memoryFor(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer((threads + 1) * WORDS_PER_LINE * Int32Array.BYTES_PER_ELEMENT);
  }

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** The caller, before the first of some calls. */
  expect(calls: number): void {
    Atomics.store(this.#words, PENDING, calls);
  }

  /** The caller. What is in shared memory by now, the thread will see. */
  call(thread: number, kind: number): void {
    const line = lineOf(thread);
    Atomics.store(this.#words, line + KIND, kind);
    Atomics.add(this.#words, line + CALLS, 1);
    Atomics.notify(this.#words, line + CALLS);
  }

  /**
   * The caller: nobody is called any more, and those that wait go on. A thread that an uncaught exception is ending may
   * come to wait once more, where it would hear nothing of its termination.
   * @param threads how many there are
   */
  end(threads: number): void {
    Atomics.store(this.#words, ENDED, 1);
    for (let thread = 0; thread < threads; thread++) this.call(thread, 0);
  }

  /** The caller: whether all have finished. */
  get isOver(): boolean {
    return Atomics.load(this.#words, PENDING) === 0;
  }

  /** The caller, when all have finished. */
  hasReply(thread: number): boolean {
    return Atomics.load(this.#words, lineOf(thread) + HAS_REPLY) === 1;
  }

  /**
   * The thread: blocks until it is called.
   * @param seen how many calls it has answered
   * @returns the call's kind; undefined: the group has ended
   */
  wait(thread: number, seen: number): number | undefined {
    const line = lineOf(thread);
    while (Atomics.load(this.#words, line + CALLS) === seen) Atomics.wait(this.#words, line + CALLS, seen);
    return this.called(thread, seen);
  }

  /** The thread, where it does not block. @returns the kind of a call that it has not answered, or undefined */
  called(thread: number, seen: number): number | undefined {
    const line = lineOf(thread);
    if (Atomics.load(this.#words, ENDED) === 1 || Atomics.load(this.#words, line + CALLS) === seen)
      return undefined;
    return Atomics.load(this.#words, line + KIND);
  }

  /** The thread. @returns whether it was the last one, which wakes the caller */
  finish(thread: number, hasReply: boolean): boolean {
    Atomics.store(this.#words, lineOf(thread) + HAS_REPLY, hasReply ? 1 : 0);
    return Atomics.sub(this.#words, PENDING, 1) === 1;
  }
}

function lineOf(thread: number): number {
  return (thread + 1) * WORDS_PER_LINE;
}
