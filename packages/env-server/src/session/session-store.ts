/** All sessions of a server: makes them within caps, finds them by id, and reaps those that nobody uses. */
import { GymwireError, type SessionOptions } from '@gymwire/protocol';
import type { Logger } from 'pino';
import { resolveArguments } from '../arguments.ts';
import type { EnvRegistration, EnvRegistry } from '../registry.ts';
import { createSessionEnvs } from './create-session-envs.ts';
import { describeSession, sessionRules } from './describe-session.ts';
import { Session } from './session.ts';

export interface SessionLimits {
  readonly maxSessions: number;
  /** Of one session. */
  readonly maxNumEnvs: number;
  /** Of all sessions together. */
  readonly maxTotalEnvs: number;
  /** Of one vector session with heavy environments; default: the number of cores. 1: none. */
  readonly envThreads?: number;
  /** A session that no stream is attached to is closed after this long without a call. */
  readonly idleTimeoutMs: number;
}

/** A stream that holds a session. */
interface Holder {
  /** Ends the stream, because another one has taken the session over. */
  readonly replace: () => void;
}

interface Entry {
  readonly session: Session;
  holder: Holder | undefined;
  timer: NodeJS.Timeout | undefined;
}

export interface Attachment {
  readonly session: Session;
  readonly detach: () => void;
}

export class SessionStore {
  readonly #registry: EnvRegistry;
  readonly #limits: SessionLimits;
  readonly #log: Logger;
  readonly #entries = new Map<string, Entry>();
  /** Places taken by sessions, also by those whose simulators are still being made. */
  #sessions = 0;
  #envs = 0;
  #draining = false;

  constructor(registry: EnvRegistry, limits: SessionLimits, log: Logger) {
    this.#registry = registry;
    this.#limits = limits;
    this.#log = log;
  }

  get size(): number {
    return this.#entries.size;
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
      const plan = { registration, given: options.arguments ?? {}, args, copies, ...rules };
      const envs = await createSessionEnvs(plan, this.#limits.envThreads);
      if (this.#draining) {
        await envs.close();
        throw new GymwireError('SHUTTING_DOWN', 'the server began to shut down while the session was made');
      }
      const description = describeSession(registration, options, envs, this.#limits.idleTimeoutMs);
      return this.#enter(new Session(description, envs));
    } catch (error) {
      this.#free(copies);
      if (error instanceof GymwireError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new GymwireError('ENV_FAILED', `${registration.id} could not be made: ${message}`, {
        cause: error,
      });
    }
  }

  /** A call that uses the session; it counts as a sign of life. */
  find(sessionId: string): Session {
    const entry = this.#entry(sessionId);
    this.#watch(sessionId, entry);
    return entry.session;
  }

  /**
   * A stream takes the session: it is not reaped while the stream lives, however long the client thinks.
   * @param takeOver replaces a stream that holds the session
   * @param replace ends this stream, should another one take the session over
   * @returns what to call when the stream has ended
   * @throws GymwireError SESSION_GONE, SESSION_BUSY
   */
  attach(sessionId: string, takeOver: boolean, replace: () => void): Attachment {
    const entry = this.#entry(sessionId);
    const before = entry.holder;
    if (before !== undefined && !takeOver) {
      throw new GymwireError('SESSION_BUSY', 'another stream is attached to this session');
    }
    const holder = { replace };
    entry.holder = holder;
    before?.replace();
    this.#watch(sessionId, entry);
    const detach = () => {
      if (entry.holder !== holder) return;
      entry.holder = undefined;
      entry.session.detach();
      if (this.#entries.get(sessionId) === entry) this.#watch(sessionId, entry);
    };
    return { session: entry.session, detach };
  }

  /** Closing a session that is gone is not an error. */
  async close(sessionId: string): Promise<void> {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) return;
    this.#entries.delete(sessionId);
    clearTimeout(entry.timer);
    try {
      await entry.session.close();
    } finally {
      this.#free(entry.session.numEnvs);
    }
  }

  /** No new sessions from now on. */
  drain(): void {
    this.#draining = true;
  }

  async closeAll(): Promise<void> {
    const outcomes = await Promise.allSettled([...this.#entries.keys()].map((id) => this.close(id)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') this.#log.warn({ err: outcome.reason }, 'a session failed to close');
    }
  }

  #entry(sessionId: string): Entry {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) {
      throw new GymwireError(
        'SESSION_GONE',
        'no such session: it was never made here, closed, or idle for too long',
      );
    }
    return entry;
  }

  #enter(session: Session): Session {
    const entry: Entry = { session, holder: undefined, timer: undefined };
    this.#entries.set(session.description.sessionId, entry);
    this.#watch(session.description.sessionId, entry);
    this.#log.info(
      { env: session.description.spec.id, numEnvs: session.numEnvs, sessions: this.size },
      'session made',
    );
    return session;
  }

  #watch(sessionId: string, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    if (entry.holder !== undefined) return;
    entry.timer = setTimeout(() => {
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
  }
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
