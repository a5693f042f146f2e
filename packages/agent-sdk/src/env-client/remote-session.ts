/**
 * The client's end of a session, which outlives its streams: when a connection breaks, it attaches again and repeats
 * what was not answered, under the same numbers. Requests are answered in order, so the oldest waiting call owns the
 * next response.
 */

import {
  GymwireError,
  nextSequence,
  type SessionDescription,
  type SessionOptions,
  type Value,
} from '@gymwire/protocol';
import {
  decodeError,
  encodeStepRequest,
  type StreamRequest as Request,
  type StreamResponseOutput as Response,
  type wire,
} from '@gymwire/protocol/wire';
import type { EnvChannel } from './env-channel.ts';
import { closeSession, isSameKind, makeSession } from './make-session.ts';
import { isBreak, isCut, isLost, leavesSession, Recovery } from './recovery.ts';
import { attachStream, describeAnswer, isMessage, type SessionStream } from './session-stream.ts';
import { type SessionEvent, tellReconnect } from './tell-reconnect.ts';
import { type Kind, type Message, resetIn, survivesLoss, type Waiting } from './waiting.ts';
import { Watchdogs } from './watchdogs.ts';

/** A step's reply comes as it travelled, for `decodeStepResponse`. */
type Reply<K extends Kind> = NonNullable<Message[K]> | (K extends 'step' ? Buffer : never);

/** What the server is asked for, and what ends the waiting for it. */
type RemoteOptions = SessionOptions & { readonly reconnectSignal?: AbortSignal };

const noop = () => undefined;

export class RemoteSession {
  /** What the server said of the first session; one that takes its place has another id. */
  readonly description: SessionDescription;
  /** What it was asked for. */
  readonly options: RemoteOptions;
  readonly #channel: EnvChannel;
  readonly #recovery: Recovery;
  readonly #waiting: Waiting[] = [];
  readonly #watchdogs: Watchdogs;
  #sessionId: string;
  #stream: SessionStream | undefined;
  #sequence = 0;
  /** The reset, step or call under way. */
  #numberedCall: Promise<void> | undefined;
  /** The session's episodes are gone, and its user has not reset yet. */
  #isLost = false;
  /** Deadlines that the oldest request missed, one after the other. */
  #missed = 0;
  /** Seeds went with its steps. */
  #givesSeeds = false;
  #isClosing = false;
  #fault: GymwireError | undefined;

  private constructor(channel: EnvChannel, options: RemoteOptions, description: SessionDescription) {
    this.description = description;
    this.#channel = channel;
    this.options = options;
    this.#sessionId = description.sessionId;
    this.#recovery = new Recovery(channel, options.reconnectSignal);
    this.#watchdogs = new Watchdogs(channel, (isStep, error) => this.#expire(isStep, error));
  }

  /**
   * Makes a session and attaches to it, again and again where the connection breaks meanwhile. What a server made
   * without being able to say so is closed when it is idle for too long.
   * @throws GymwireError with the server's code, SERVER_UNAVAILABLE, DEADLINE_EXCEEDED …
   */
  static async open(channel: EnvChannel, options: RemoteOptions): Promise<RemoteSession> {
    let session: RemoteSession | undefined;
    const attempt = async () => {
      session = await RemoteSession.#openOnce(channel, options);
    };
    try {
      await attempt();
    } catch (error) {
      if (!isCut(error) || channel.options.reconnectTimeoutMs === 0) throw error;
      let unheard: GymwireError | undefined;
      const event = { type: 'broken', reason: error.message } as const;
      tellReconnect(channel.options, options, event, (failure) => {
        unheard = failure;
        if (session !== undefined) session.#fail(failure);
      });
      const fault = await new Recovery(channel, options.reconnectSignal).mend(error, attempt);
      if (fault !== undefined) throw fault;
      if (unheard !== undefined) {
        await session?.close();
        throw unheard;
      }
    }
    if (session === undefined) throw new GymwireError('INTERNAL', 'no session was made');
    return session;
  }

  static async #openOnce(channel: EnvChannel, options: RemoteOptions): Promise<RemoteSession> {
    const session = new RemoteSession(channel, options, await makeSession(channel, options));
    try {
      session.#use(await attachStream(channel, session.#sessionId, false));
    } catch (error) {
      session.#watchdogs.stop();
      throw error;
    }
    return session;
  }

  /** @throws GymwireError EPISODE_LOST when a mask leaves environments out that a new session has never reset */
  reset(request: NonNullable<wire.InteractRequest['reset']>): Promise<Reply<'reset'>> {
    return this.#numbered('reset', (sequence) => ({ reset: { ...request, sequence } }));
  }

  /**
   * @param nextSeeds from `packNextSeeds`
   * @throws GymwireError EPISODE_LOST until a reset, when the session is gone and a new one took its place
   */
  step(action: Value, nextSeeds?: BigUint64Array): Promise<Reply<'step'>> {
    if (nextSeeds !== undefined) this.#givesSeeds = true;
    return this.#numbered('step', (sequence) => encodeStepRequest(action, sequence, nextSeeds));
  }

  render(envIndex: number): Promise<Reply<'render'>> {
    return this.#inOrder('render', { render: { envIndex } });
  }

  /** Numbered as a step is: a method may change the simulator. @throws GymwireError EPISODE_LOST as a step does */
  callMethod(request: NonNullable<wire.InteractRequest['call']>): Promise<Reply<'call'>> {
    return this.#numbered('call', (sequence) => ({ call: { ...request, sequence } }));
  }

  readAttribute(request: NonNullable<wire.InteractRequest['read']>): Promise<Reply<'read'>> {
    return this.#inOrder('read', { read: request });
  }

  /** Closes the session. Closing what is gone does nothing. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#fault !== undefined) {
      // The stream is broken, and nothing else: else the session would keep its place until it is idle for too long.
      if (leavesSession(this.#fault)) await this.#closeElsewhere();
      return;
    }
    try {
      if (this.#stream === undefined) await this.#closeElsewhere();
      else await this.#call('close', { close: {} });
    } catch (error) {
      const isGone = error instanceof GymwireError && error.code === 'SESSION_GONE';
      if (isBreak(error)) await this.#closeElsewhere();
      else if (!isGone) throw error;
    } finally {
      const stream = this.#stream;
      this.#fail(new GymwireError('SESSION_GONE', 'this environment was closed'));
      stream?.finish();
    }
  }

  /**
   * One numbered request after the other: whether a number is taken is known from its answer only, and two
   * requests with one number would be one to the server.
   */
  async #numbered<K extends 'reset' | 'step' | 'call'>(
    kind: K,
    request: (sequence: number) => Request,
  ): Promise<Reply<K>> {
    while (this.#numberedCall !== undefined) await this.#numberedCall;
    const sequence = nextSequence(this.#sequence);
    const call = this.#call(kind, request(sequence), sequence);
    this.#numberedCall = call.then(noop, noop);
    try {
      return await call;
    } finally {
      this.#numberedCall = undefined;
    }
  }

  /** After what was asked before, also where nobody waited for that. */
  async #inOrder<K extends 'render' | 'read'>(kind: K, request: Request): Promise<Reply<K>> {
    while (this.#numberedCall !== undefined) await this.#numberedCall;
    return this.#call(kind, request);
  }

  #call<K extends Kind>(kind: K, request: Request, sequence?: number): Promise<Reply<K>> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return new Promise<Response>((resolve, reject) => {
      const waiting = { kind, request, sequence, resolve, reject };
      if (this.#isLost && !survivesLoss(waiting)) {
        reject(this.#lost());
        return;
      }
      this.#waiting.push(waiting);
      if (this.#stream === undefined) {
        const message = `the session at ${this.#channel.address} broke`;
        this.#recover(new GymwireError('SERVER_UNAVAILABLE', message, { origin: 'transport' }));
        return;
      }
      this.#watchdogs.watch(kind);
      this.#stream.send(request);
    }).then((response) => (isMessage(response) ? response[kind] : response) as Reply<K>);
  }

  /** Hears of the stream from now on. @throws GymwireError when it broke already */
  #use(stream: SessionStream): void {
    stream.passTo({
      receive: (_, response) => this.#receive(response),
      broke: (_, error) => {
        this.#stream = undefined;
        this.#recover(error);
      },
    });
    this.#stream = stream;
    if (this.#waiting[0] !== undefined) this.#watchdogs.watch(this.#waiting[0].kind);
    for (const { request } of this.#waiting) stream.send(request);
  }

  #receive(response: Response): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#distrust('sent a response nobody asked for');
      return;
    }
    this.#missed = 0;
    this.#recovery.succeeded();
    if (this.#waiting[0] !== undefined) this.#watchdogs.watch(this.#waiting[0].kind);
    const message = isMessage(response) ? response : undefined;
    const kind = Buffer.isBuffer(response) ? 'step' : message?.response;
    if (message?.error) {
      const error = decodeError(message.error);
      if (isLost(error) && waiting.kind !== 'close') this.#leave(waiting, error);
      else waiting.reject(error);
    } else if (kind === waiting.kind) {
      if (waiting.sequence !== undefined) this.#sequence = waiting.sequence;
      if (waiting.kind === 'reset') this.#isLost = false;
      waiting.resolve(response);
    } else {
      this.#waiting.unshift(waiting);
      this.#distrust(`answered a ${waiting.kind} with ${describeAnswer(response)}`);
    }
  }

  /**
   * Gives the session up: whether such a server carried a request out, and what it would make of the same number
   * again, nobody knows.
   */
  #distrust(deed: string): void {
    const stream = this.#stream;
    const message = `the server at ${this.#channel.address} ${deed}`;
    this.#fail(new GymwireError('MALFORMED', message, { origin: 'transport' }));
    this.#stream = undefined;
    stream?.drop();
  }

  /** The session ended under its stream, with its simulator for instance: another one takes its place, as after a break. */
  #leave(waiting: Waiting, gone: GymwireError): void {
    const stream = this.#stream;
    if (stream === undefined || this.#isClosing || this.#channel.options.reconnectTimeoutMs === 0) {
      waiting.reject(gone);
      return;
    }
    this.#waiting.unshift(waiting);
    this.#stream = undefined;
    stream.drop();
    this.#recover(new GymwireError('SERVER_UNAVAILABLE', gone.message, { cause: gone, origin: gone.origin }));
  }

  /** Attaches again and repeats what waits; fails for good where that makes no sense. */
  #recover(error: GymwireError): void {
    if (this.#isClosing || !isBreak(error) || this.#channel.options.reconnectTimeoutMs === 0) {
      this.#fail(error);
      return;
    }
    if (!this.#recovery.isRunning) this.#tell({ type: 'broken', reason: error.message });
    const isAwaited = () => this.#waiting.length > 0;
    this.#recovery.start(
      error,
      () => this.#reattach(),
      isAwaited,
      (fault) => this.#fail(fault),
    );
  }

  #tell(event: SessionEvent): void {
    tellReconnect(this.#channel.options, this.options, event, (failure) => this.#fail(failure));
  }

  async #reattach(): Promise<void> {
    if (this.#isOver) return;
    try {
      await this.#attach(this.#sessionId, true);
      this.#tell({ type: 'attached' });
    } catch (error) {
      if (!isLost(error)) throw error;
      if (!this.#isOver) await this.#replace();
    }
  }

  async #attach(sessionId: string, takeOver: boolean): Promise<void> {
    const stream = await attachStream(this.#channel, sessionId, takeOver);
    if (this.#isOver) stream.drop();
    else this.#use(stream);
  }

  get #isOver(): boolean {
    return this.#isClosing || this.#fault !== undefined;
  }

  /** A new session in the place of one that is gone: nothing of the old one's episodes is known any more. */
  async #replace(): Promise<void> {
    const description = await makeSession(this.#channel, this.options, this.#givesSeeds);
    this.#sessionId = description.sessionId;
    if (this.#isOver) {
      await this.#closeElsewhere();
      return;
    }
    if (!isSameKind(description, this.description)) {
      await this.#closeElsewhere();
      const message = `the server at ${this.#channel.address} came back with another ${this.options.envId}: spaces, arguments or limits differ`;
      throw new GymwireError('SESSION_GONE', message);
    }
    this.#loseEpisodes();
    await this.#attach(this.#sessionId, false);
    this.#tell({ type: 'replaced' });
  }

  #loseEpisodes(): void {
    this.#sequence = 0;
    this.#isLost = true;
    for (const waiting of this.#waiting.splice(0)) {
      if (!survivesLoss(waiting)) {
        waiting.reject(this.#lost());
        continue;
      }
      waiting.sequence = nextSequence(0);
      waiting.request = { reset: { ...resetIn(waiting), sequence: waiting.sequence } };
      this.#waiting.push(waiting);
    }
  }

  #lost(): GymwireError {
    return new GymwireError(
      'EPISODE_LOST',
      `the session at ${this.#channel.address} is gone with its episodes (its server was restarted, its simulator died, or it was idle for too long); a new one is in its place: reset it`,
    );
  }

  /**
   * Nobody knows whether the request was carried out: its number decides, on a new connection, since this one may be
   * dead. A second time on a connection that attached, it is the simulator that does not answer.
   */
  #expire(isStep: boolean, missed: (kind: Kind) => GymwireError): void {
    const waiting = this.#waiting[0];
    if (waiting === undefined || this.#stream === undefined || (waiting.kind === 'step') !== isStep) return;
    this.#missed += 1;
    const error = missed(waiting.kind);
    const stream = this.#stream;
    this.#stream = undefined;
    stream.drop();
    this.#channel.renew(stream.client);
    if (this.#missed > 1) this.#fail(error);
    else this.#recover(error);
  }

  /** The stream is no more; a call of its own saves the server from waiting until the session is idle for too long. */
  #closeElsewhere(): Promise<void> {
    return closeSession(this.#channel, this.#sessionId);
  }

  #fail(error: GymwireError): void {
    this.#fault ??= error;
    this.#watchdogs.stop();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#fault);
  }
}
