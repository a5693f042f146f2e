/**
 * What work gives, or the signal's reason as soon as it comes. Work itself goes on: what it gives then is for `late`.
 * @throws the signal's reason; what the work throws
 */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  late: (given: T) => unknown,
): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  const working = work();
  let giveUp: () => void = () => undefined;
  const aborted = new Promise<'aborted'>((resolve) => (giveUp = () => resolve('aborted')));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const first = await Promise.race([working.then((given) => ({ given })), aborted]);
    if (first !== 'aborted') return first.given;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  // Nobody is left to hear of a failure.
  working.then(late).catch(() => undefined);
  throw signal.reason;
}
