/**
 * A value that may still be coming. Simulators that answer at once are not made to wait: with many environments
 * in one message, a promise for each would cost more than the physics.
 */
export type MaybePromise<T> = T | Promise<T>;

/** `use(value)`, at once when the value is there. */
export function chain<T, R>(value: MaybePromise<T>, use: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/**
 * Calls once for each index, all before the first is waited for; the results in order, at once when all are there.
 * @throws the fault of the lowest index, when every call is over
 */
export function mapAll<R>(count: number, call: (index: number) => MaybePromise<R>): MaybePromise<R[]> {
  const results = new Array<MaybePromise<R>>(count);
  let waits = false;
  for (let i = 0; i < count; i++) {
    let result: MaybePromise<R>;
    try {
      result = call(i);
    } catch (thrown) {
      result = fault(thrown);
    }
    results[i] = result;
    waits ||= result instanceof Promise;
  }
  return waits ? allOver(results) : (results as R[]);
}

async function fault(thrown: unknown): Promise<never> {
  throw thrown;
}

async function allOver<R>(results: ReadonlyArray<MaybePromise<R>>): Promise<R[]> {
  const outcomes = await Promise.allSettled(results);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Runs tasks one at a time, in the order in which they were given; at once when none is under way. */
export class Turns {
  #last: Promise<void> | undefined;

  /** Resolves when the tasks given so far are over; undefined when they are already. */
  get idle(): Promise<void> | undefined {
    return this.#last;
  }

  take<T>(task: () => MaybePromise<T>): MaybePromise<T> {
    const result = this.#last === undefined ? task() : this.#last.then(task);
    if (result instanceof Promise) this.#wait(result);
    return result;
  }

  /** A task that fails is its giver's concern and does not stop the next one. */
  #wait(task: Promise<unknown>): void {
    const over = () => {
      if (this.#last === last) this.#last = undefined;
    };
    const last: Promise<void> = task.then(over, over);
    this.#last = last;
  }
}
