import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, GymwireError } from '@gymwire/protocol';
import { type Backoff, createBackoff } from './backoff.ts';
import type { EnvChannel } from './env-channel.ts';

/** What says that a connection or a server broke, not that a request was wrong: whoever says so. */
const breaks: ReadonlySet<ErrorCode> = new Set([
  'SERVER_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'SHUTTING_DOWN',
]);

/** While attaching, these may pass: another stream of ours that the server still believes in, a server that is full. */
const passing: ReadonlySet<ErrorCode> = new Set(['SESSION_BUSY', 'CAPACITY']);

export function isBreak(error: unknown): boolean {
  if (!(error instanceof GymwireError)) return false;
  // A server's own INTERNAL would come again; gRPC's says that the connection was cut.
  return breaks.has(error.code) || (error.code === 'INTERNAL' && error.origin === 'transport');
}

/** Returns whether another session may take the place of one that is gone: not where somebody wanted it to end. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof GymwireError && error.code === 'SESSION_GONE' && error.details.ended_by === undefined
  );
}

/** Returns whether a session and its place are gone: nobody answers, or somebody else does, who does not know us or the environment. */
export function isPlaceGone(error: GymwireError): boolean {
  return isBreak(error) || isLost(error) || error.code === 'UNAUTHENTICATED' || error.code === 'UNKNOWN_ENV';
}

/** Returns whether a make may be tried again. One that takes too long would take as long again; a server that ends said so. */
export function isCut(error: unknown): error is GymwireError {
  return isBreak(error) && !['DEADLINE_EXCEEDED', 'SHUTTING_DOWN'].includes((error as GymwireError).code);
}

/** Returns whether the session is still on its server after such a fault: a message above a limit, or that makes no sense. */
export function leavesSession({ code }: GymwireError): boolean {
  return code === 'CAPACITY' || code === 'MALFORMED';
}

/** Tries again and again, with pauses, until it succeeds, makes no sense any more, or takes too long. */
export class Recovery {
  readonly #channel: EnvChannel;
  readonly #backoff: Backoff;
  /** Aborted when a broken connection is not to be mended. */
  readonly #givenUp: AbortSignal;
  #isRunning = false;
  /** When what is not mended yet broke. An attempt that succeeds mends nothing before a request is answered. */
  #brokenAt: number | undefined;

  /** @param signal ends it too */
  constructor(channel: EnvChannel, signal: AbortSignal | undefined) {
    this.#channel = channel;
    const { givenUp } = channel;
    this.#givenUp = signal === undefined ? givenUp : AbortSignal.any([givenUp, signal]);
    this.#backoff = createBackoff(channel.options.jitter);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** A request was answered: whatever breaks next is a new break. */
  succeeded(): void {
    if (this.#brokenAt === undefined) return;
    this.#brokenAt = undefined;
    this.#backoff.reset();
  }

  /**
   * Does nothing while it runs already.
   * @param isAwaited whether anybody would learn of a failure; when nobody does, trying only ends
   */
  start(
    cause: GymwireError,
    attempt: () => Promise<void>,
    isAwaited: () => boolean,
    fail: (error: GymwireError) => void,
  ): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.mend(cause, attempt).then((error) => {
      this.#isRunning = false;
      if (error === undefined) return;
      this.succeeded();
      if (isAwaited() || !isBreak(error)) fail(error);
    });
  }

  /** @returns why it gave up; undefined when an attempt succeeded */
  async mend(cause: GymwireError, attempt: () => Promise<void>): Promise<GymwireError | undefined> {
    const { reconnectTimeoutMs } = this.#channel.options;
    const brokenAt = (this.#brokenAt ??= performance.now());
    let last = cause;
    for (;;) {
      const pauseMs = this.#backoff.nextMs();
      if (performance.now() + pauseMs - brokenAt > reconnectTimeoutMs) {
        const first = last === cause ? '' : `${cause.message}; then `;
        const message = `${first}${last.message}; gave up reconnecting after ${reconnectTimeoutMs} ms`;
        return new GymwireError(last.code, message, { cause: last, origin: last.origin });
      }
      if (pauseMs > 0) await this.#pause(pauseMs);
      if (this.#givenUp.aborted) return this.#cancelled(cause);
      const { client } = this.#channel;
      try {
        if (await endsBefore(this.#givenUp, attempt())) return undefined;
      } catch (error) {
        last = asGymwireError(error);
        if (!isBreak(last) && !passing.has(last.code)) return last;
        this.#channel.renew(client);
      }
    }
  }

  #cancelled(cause: GymwireError): GymwireError {
    const { address, closed } = this.#channel;
    const why = closed.aborted ? `the connection to ${address} was closed` : `${cause.message}; told to stop`;
    return new GymwireError('CANCELLED', why, { cause });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#givenUp }).catch(() => undefined);
  }
}

/** Returns whether work ends before the signal comes; else it goes on unheard. @throws what the work throws */
async function endsBefore(signal: AbortSignal, work: Promise<void>): Promise<boolean> {
  const over = new AbortController();
  try {
    const aborted = once(signal, 'abort', { signal: over.signal });
    return await Promise.race([work.then(() => true), aborted.then(() => false)]);
  } finally {
    over.abort();
  }
}

function asGymwireError(thrown: unknown): GymwireError {
  if (thrown instanceof GymwireError) return thrown;
  return new GymwireError('INTERNAL', `a fault in the client: ${String(thrown)}`, { cause: thrown });
}
