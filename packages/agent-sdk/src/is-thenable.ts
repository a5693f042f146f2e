/** Returns whether a user's callback returned something to wait for. By shape: promises of another realm are of another class. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
