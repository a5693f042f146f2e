/**
 * A value that may still be coming. Simulators that answer at once are not made to wait: with many environments
 * in one message, a promise for each would cost more than the physics.
 */
export type MaybePromise<T> = T | Promise<T>;

/** `use(value)`, at once when the value is there. */
export function chain<T, R>(value: MaybePromise<T>, use: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** Calls once for each index, all before the first waits; the results in order, at once when all are there. */
export function mapAll<R>(count: number, call: (index: number) => MaybePromise<R>): MaybePromise<R[]> {
  const results = new Array<MaybePromise<R>>(count);
  let waits = false;
  for (let i = 0; i < count; i++) {
    const result = call(i);
    results[i] = result;
    waits ||= result instanceof Promise;
  }
  return waits ? Promise.all(results) : (results as R[]);
}
