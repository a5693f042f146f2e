/** Lets asynchronous tasks run one at a time, in the order in which they were given. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(task: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    // A task that fails is its caller's concern and does not stop the next one.
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
