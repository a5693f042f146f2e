/** All sessions of a server: makes them within caps, finds them by id, and reaps those that nobody uses. */

import type { CallLimits, EnvRegistration } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import { complain } from '@gymwire/grpc-host';
import { GymwireError, type SessionOptions } from '@gymwire/protocol';
import type { Logger } from 'pino';
import type { EnvRegistry } from '../registry.ts';
import { limitOf, missedLimit, resolveLimits } from '../slots/call-limits.ts';
import { createLocalEnvs } from '../slots/local-envs.ts';
import { defaultMaxMessageBytes } from '../slots/reply-budget.ts';
import type { CreateEnvs, Death, EnvsPlan, SessionEnvs } from '../slots/session-envs.ts';
import { blamed, tamed } from '../slots/user-code.ts';
import { describeSession, sessionRules } from './describe-session.ts';
import { LimitedEnvs } from './limited-envs.ts';
import { endedWith, Session } from './session.ts';

/** How many sessions are remembered with what they ended of. */
const maxObituaries = 256;

/** How many sessions there may be, how large, and for how long. */
export interface SessionLimits extends Partial<CallLimits> {
  /** Sessions at a time. */
  readonly maxSessions: number;
  /** Environments of one session. */
  readonly maxNumEnvs: number;
  /** Environments of all sessions together. */
  readonly maxTotalEnvs: number;
  /** A session that no stream is attached to is closed after this long without a call. */
  readonly idleTimeoutMs: number;
  /** See EnvServerOptions. */
  readonly strictInfo?: boolean;
  /** See EnvServerOptions. */
  readonly maxMessageBytes?: number;
}

/** A stream that holds a session. */
interface Holder {
  /** Ends the stream at once: another one has taken the session over, or the session itself has ended. */
  readonly end: (reason: GymwireError) => void;
}

/** To a stream that lost its session to another one; what it had under way is answered to nobody. */
const replaced = new GymwireError('SESSION_BUSY', 'another stream has taken this session over');

interface Entry {
  readonly session: Session;
  holder: Holder | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Unary calls that use it. */
  calls: number;
  /** It is there until that is done, for its operator to see, and to end at once; no request finds it any more. */
  closing: Promise<void> | undefined;
}

export interface Attachment {
  readonly session: Session;
  readonly detach: () => void;
}

/** All sessions of a server: makes them, finds them, ends those that nobody uses. */
export class SessionStore {
  readonly #registry: EnvRegistry;
  readonly #limits: SessionLimits;
  readonly #log: Logger;
  readonly #createEnvs: CreateEnvs;
  readonly #entries = new Map<string, Entry>();
  /** What the last sessions that died, or were ended, have ended of, by id; the oldest first. */
  readonly #obituaries = new Map<string, GymwireError>();
  /** Places taken by sessions, also by those whose simulators are still being made. */
  #sessions = 0;
  #envs = 0;
  #draining = false;
  #onFree: () => void = () => undefined;

  /** @param createEnvs default: in this thread */
  constructor(
    registry: EnvRegistry,
    limits: SessionLimits,
    log: Logger,
    createEnvs: CreateEnvs = createLocalEnvs,
  ) {
    this.#registry = registry;
    this.#limits = limits;
    this.#log = log;
    this.#createEnvs = createEnvs;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many environments more could be made now. */
  get freeEnvs(): number {
    const { maxSessions, maxTotalEnvs } = this.#limits;
    return this.#draining || this.#sessions >= maxSessions ? 0 : maxTotalEnvs - this.#envs;
  }

  /** @throws GymwireError UNKNOWN_ENV, UNKNOWN_ARGUMENT, INVALID_ARGUMENT, UNSUPPORTED, CAPACITY, ENV_FAILED */
  async make(options: SessionOptions): Promise<Session> {
    if (this.#draining)
      throw new GymwireError('SHUTTING_DOWN', 'the server is shutting down and takes no sessions');
    const registration = this.#registry.find(options.envId);
    const copies = this.#copiesFor(options);
    checkRenderMode(registration, options.renderMode ?? '');
    const args = resolveArguments(registration.id, registration.arguments ?? [], options.arguments ?? {});
    this.#take(copies);
    try {
      const rules = sessionRules(registration, options);
      const { strictInfo = false, maxMessageBytes = defaultMaxMessageBytes } = this.#limits;
      const given = options.arguments ?? {};
      const plan = { registration, given, args, copies, ...rules, strictInfo, maxMessageBytes };
      const envs = await this.#makeInTime(plan);
      if (this.#draining) {
        await envs.close();
        throw new GymwireError('SHUTTING_DOWN', 'the server began to shut down while the session was made');
      }
      const description = describeSession(registration, options, envs, this.#limits.idleTimeoutMs);
      return this.#enter(new Session(description, envs));
    } catch (error) {
      this.#free(copies);
      if (error instanceof GymwireError && error.code !== 'ENV_FAILED') throw error;
      const message = `${registration.id} could not be made: ${reasonOf(error)}`;
      throw new GymwireError('ENV_FAILED', message, { cause: error });
    }
  }

  /** A call that uses the session, which is not idle until that call says `rest`. @throws GymwireError SESSION_GONE */
  find(sessionId: string): Session {
    const entry = this.#entry(sessionId);
    entry.calls += 1;
    this.#watch(sessionId, entry);
    return entry.session;
  }

  /** A call that has found the session has ended. */
  rest(sessionId: string): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) return;
    entry.calls -= 1;
    this.#watch(sessionId, entry);
  }

  /**
   * A stream takes the session: it is not reaped while the stream lives, however long the client thinks.
   * @param takeOver replaces a stream that holds the session
   * @param end ends this stream, should another one take the session over, or the session end
   * @returns what to call when the stream has ended
   * @throws GymwireError SESSION_GONE, SESSION_BUSY
   */
  attach(sessionId: string, takeOver: boolean, end: Holder['end']): Attachment {
    const entry = this.#entry(sessionId);
    const before = entry.holder;
    if (before !== undefined && !takeOver) {
      throw new GymwireError('SESSION_BUSY', 'another stream is attached to this session');
    }
    const holder = { end };
    entry.holder = holder;
    before?.end(replaced);
    this.#watch(sessionId, entry);
    const detach = () => {
      if (entry.holder !== holder) return;
      entry.holder = undefined;
      entry.session.detach();
      if (this.#entries.get(sessionId) === entry) this.#watch(sessionId, entry);
    };
    return { session: entry.session, detach };
  }

  /** Closing a session that is gone is not an error. `patienceMs` and `reason`: see Session.close. */
  async close(sessionId: string, patienceMs?: number, reason?: GymwireError): Promise<void> {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    const again = entry.closing !== undefined;
    entry.closing ??= this.#finish(sessionId, entry, patienceMs, reason);
    if (again && patienceMs !== undefined) await entry.session.close(patienceMs);
    await entry.closing;
  }

  async #finish(
    sessionId: string,
    { session }: Entry,
    patienceMs?: number,
    reason?: GymwireError,
  ): Promise<void> {
    try {
      await session.close(patienceMs, reason);
    } finally {
      this.#entries.delete(sessionId);
      this.#free(session.numEnvs);
    }
  }

  /** Those that are open, the oldest first. */
  *open(): Generator<{ readonly session: Session; readonly isAttached: boolean }> {
    for (const { session, holder } of this.#entries.values()) {
      yield { session, isAttached: holder !== undefined };
    }
  }

  /**
   * Ends a session that its client did not close. The client learns why at once, or with its next call.
   * @param patienceMs a request that takes longer is given up
   */
  async end(sessionId: string, reason: GymwireError, patienceMs: number): Promise<void> {
    this.#remember(sessionId, reason);
    this.#entries.get(sessionId)?.holder?.end(reason);
    await this.close(sessionId, patienceMs, reason);
  }

  /** No new sessions from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Resolves when no session is left. */
  async whenEmpty(): Promise<void> {
    while (this.#sessions > 0) await new Promise<void>((resolve) => (this.#onFree = resolve));
  }

  /** @param patienceMs requests that take longer are given up */
  async closeAll(patienceMs?: number): Promise<void> {
    const ids = [...this.#entries.keys()];
    const outcomes = await Promise.allSettled(ids.map((id) => this.close(id, patienceMs)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') this.#log.warn({ err: outcome.reason }, 'a session failed to close');
    }
  }

  #entry(sessionId: string): Entry {
    const entry = this.#entries.get(sessionId);
    if (entry !== undefined && entry.closing === undefined) return entry;
    const reason = this.#obituaries.get(sessionId);
    if (reason !== undefined) throw reason;
    throw new GymwireError(
      'SESSION_GONE',
      'no such session: it was never made here, closed, or idle for too long',
    );
  }

  /** Environments that keep their limits. @throws what makes them throws; GymwireError ENV_FAILED when it takes too long */
  async #makeInTime(plan: EnvsPlan): Promise<SessionEnvs> {
    const limits = resolveLimits(plan.registration, this.#limits);
    const giveUp = new AbortController();
    const limit = limitOf(limits, 'make', true);
    const timer = setTimeout(() => giveUp.abort(missedLimit('make', limit)), limit.ms);
    try {
      const envs = await unlessAborted(giveUp.signal, this.#createEnvs(plan, giveUp.signal));
      return new LimitedEnvs(envs, limits, (err) =>
        this.#log.warn({ err, env: plan.registration.id }, 'a simulator that was given up failed to close'),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #enter(session: Session): Session {
    const entry: Entry = { session, holder: undefined, timer: undefined, calls: 0, closing: undefined };
    this.#entries.set(session.description.sessionId, entry);
    void session.death.then((death) => this.#bury(session, death));
    this.#watch(session.description.sessionId, entry);
    this.#log.info(
      { env: session.description.spec.id, numEnvs: session.numEnvs, sessions: this.size },
      'session made',
    );
    return session;
  }

  /** Simulators that died take their session along; its place is free for another one. */
  #bury({ description: { sessionId, spec }, numEnvs }: Session, { cause }: Death): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined || entry.closing !== undefined) return;
    complain(this.#log, 'session lost', { env: spec.id, err: cause }, `session lost: ${cause.message}`);
    this.#entries.delete(sessionId);
    clearTimeout(entry.timer);
    this.#free(numEnvs);
    this.#remember(sessionId, endedWith(cause.message));
  }

  #remember(sessionId: string, reason: GymwireError): void {
    this.#obituaries.set(sessionId, reason);
    const [oldest] = this.#obituaries.keys();
    if (oldest !== undefined && this.#obituaries.size > maxObituaries) this.#obituaries.delete(oldest);
  }

  #watch(sessionId: string, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    if (entry.holder !== undefined || entry.closing !== undefined || entry.calls > 0) return;
    entry.timer = setTimeout(() => {
      // Of a caller that has gone.
      if (entry.session.isBusy) {
        this.#watch(sessionId, entry);
        return;
      }
      this.#log.info({ env: entry.session.description.spec.id }, 'idle session reaped');
      this.close(sessionId).catch((err: unknown) =>
        this.#log.warn({ err }, 'a reaped session failed to close'),
      );
    }, this.#limits.idleTimeoutMs);
    entry.timer.unref();
  }

  #copiesFor({ numEnvs }: SessionOptions): number {
    if (numEnvs === undefined) return 1;
    if (numEnvs >= 1 && numEnvs <= this.#limits.maxNumEnvs) return numEnvs;
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `num_envs: expected 1 to ${this.#limits.maxNumEnvs}, got ${numEnvs}`,
    );
  }

  #take(copies: number): void {
    const { maxSessions, maxTotalEnvs } = this.#limits;
    if (this.#sessions >= maxSessions) {
      throw new GymwireError('CAPACITY', `all ${maxSessions} sessions of this server are taken`);
    }
    if (this.#envs + copies > maxTotalEnvs) {
      throw new GymwireError(
        'CAPACITY',
        `${this.#envs} of ${maxTotalEnvs} environments are taken; ${copies} more do not fit`,
      );
    }
    this.#sessions += 1;
    this.#envs += copies;
  }

  #free(copies: number): void {
    this.#sessions -= 1;
    this.#envs -= copies;
    this.#onFree();
  }
}

/** What still comes after the signal is closed, and never heard of. */
function unlessAborted(signal: AbortSignal, making: Promise<SessionEnvs>): Promise<SessionEnvs> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    making.then((envs) => {
      if (signal.aborted) void envs.abandon(0).catch(() => undefined);
      else resolve(envs);
    }, reject);
  });
}

/** Returns the reason of a factory that threw; what this server found, such as a time limit, needs no place. */
function reasonOf(error: unknown): string {
  return error instanceof GymwireError ? error.message : blamed(tamed(error));
}

function checkRenderMode(registration: EnvRegistration, renderMode: string): void {
  const modes = registration.renderModes ?? [];
  if (renderMode === '' || modes.includes(renderMode)) return;
  const known = modes.join(', ') || 'none';
  throw new GymwireError(
    'UNSUPPORTED',
    `${registration.id} has no render mode ${renderMode}; it has: ${known}`,
  );
}
