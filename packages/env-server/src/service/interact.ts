/** The hot path: one stream attached to one session, one response for each request, in order. */

import { type MaybePromise } from '@gymwire/env';
import { chain, Turns } from '@gymwire/env/host';
import {
  type ByteStream,
  type ConnectedCall,
  type Connection,
  connectionOf,
  type Ending,
  isLarge,
  malformed,
  toGymwireError,
  undecodable,
} from '@gymwire/grpc-host';
import { GymwireError } from '@gymwire/protocol';
import {
  decodeResetOptions,
  encodeError,
  encodeResetResult,
  encodeStepResponse,
  type StreamRequestOutput as Request,
  type StreamResponse as Response,
  streamMethod,
  toStatus,
  Undecodable,
  type wire,
} from '@gymwire/protocol/wire';
import type { Session } from '../session/session.ts';
import type { Attachment } from '../session/session-store.ts';
import { callMethod, readAttribute } from './calls.ts';
import type { ServiceContext } from './context.ts';
import { fitting } from './fitting-reply.ts';
import type { SessionAccount } from './session-account.ts';
import { stepAsAsked } from './step-as-asked.ts';
import { encodeFrame } from './unary.ts';

/** A stream without a session serves nobody. */
const attachTimeoutMs = 10_000;

/** From here on a reply has to leave before the next request's turn; smaller ones gRPC holds sixteen of. */
const largeReply = 2 ** 16;

const noop = (): void => undefined;

/** Ends the streams that are open when the server shuts down. */
export interface OpenStreams {
  endAll(error: GymwireError): void;
}

export function createInteractHandler(context: ServiceContext): {
  handler: (stream: ByteStream) => void;
  streams: OpenStreams;
} {
  const open = new Set<SessionStream>();
  const handler = (stream: ByteStream) => {
    const connection = connectionOf(stream, context.connections);
    if (connection === undefined) return;
    const opened = new SessionStream(stream, connection, context);
    open.add(opened);
    opened.onEnd(() => open.delete(opened));
    opened.listen();
  };
  const endAll = (error: GymwireError) => {
    for (const stream of open) stream.endInTurn(error);
  };
  return { handler, streams: { endAll } };
}

class SessionStream implements Ending {
  isOver = false;
  readonly #stream: ByteStream;
  readonly #connection: Connection;
  readonly #connected: ConnectedCall;
  readonly #context: ServiceContext;
  readonly #turns = new Turns();
  readonly #ends = new Set<() => void>();
  #attachment: Attachment | undefined;
  #account: SessionAccount | undefined;
  /** It does not wait any more. */
  #begin: () => void = noop;
  #isClosed = false;
  /** A large message has not been dealt with; the gate waits. */
  #isHeld = false;

  constructor(stream: ByteStream, connection: Connection, context: ServiceContext) {
    this.#stream = stream;
    this.#connection = connection;
    this.#context = context;
    this.#connected = connection.beginCall();
    this.onEnd(this.#connected.end);
    stream.on('cancelled', this.#release);
    stream.on('error', this.#release);
  }

  onEnd(callback: () => void): () => void {
    if (this.isOver) callback();
    else this.#ends.add(callback);
    return () => void this.#ends.delete(callback);
  }

  /** Waits for an attach, not for ever. */
  listen(): void {
    const unattached = setTimeout(() => {
      if (this.#attachment === undefined)
        this.#fail(malformed('the stream did not attach to a session in time'));
    }, attachTimeoutMs);
    unattached.unref();
    this.onEnd(() => clearTimeout(unattached));
    try {
      this.#begin = this.#context.connections.waitOn(this.#connection);
      this.onEnd(this.#begin);
    } catch (thrown) {
      this.#fail(toGymwireError(thrown, this.#context.log));
      return;
    }
    this.#stream.on('data', this.#receive);
    this.#stream.on('end', () => void this.#turns.take(this.#finish));
  }

  /** After the request that is under way was answered. */
  endInTurn(error: GymwireError): void {
    void this.#turns.take(() => this.#fail(error));
  }

  readonly #receive = (message: Buffer): void => {
    const turn = this.#turns.take(() => this.#answer(message));
    if (isLarge(message)) this.#isHeld = true;
    if (!(turn instanceof Promise)) {
      if (this.#isHeld) this.#goOn();
      return;
    }
    // Nothing is read ahead of a request that takes its time, nor for a client that does not read its answers.
    this.#stream.pause();
    void turn.then(this.#goOn, (thrown: unknown) => this.#fail(toGymwireError(thrown, this.#context.log)));
  };

  readonly #goOn = (): void => {
    if (this.#isHeld) {
      this.#isHeld = false;
      this.#context.gate.goOn(this.#stream.metadata);
    }
    this.#stream.resume();
  };

  #answer(message: Buffer): MaybePromise<void> {
    if (this.isOver) return undefined;
    const { replies, shares } = this.#context;
    const account = this.#account;
    if (account === undefined) return shares.take(this.#connection, () => this.#attach(message));
    if (!replies.hasRoom(this.#connection)) {
      return replies.wait(this.#connection, this).then(() => this.#answer(message));
    }
    if (shares.isFree) return this.#carryOut(message, account);
    return shares.take(account, () => this.#carryOut(message, account));
  }

  #attach(message: Buffer): void {
    if (this.isOver) return;
    const { store, accounts, decoders, shares, log } = this.#context;
    const began = performance.now();
    try {
      const request = decoders.stream(message);
      if (request instanceof Undecodable) throw undecodable(request, 'InteractRequest');
      const wanted = Buffer.isBuffer(request) ? undefined : request.attach;
      if (!wanted) throw malformed('the first message of a stream must attach');
      const end = (reason: GymwireError) => this.#fail(reason);
      const attachment = store.attach(wanted.sessionId, wanted.takeOver, end);
      this.#attachment = attachment;
      this.#account = accounts.of(attachment.session);
      this.#begin();
      this.#connected.hear();
      this.#connection.attached += 1;
      this.onEnd(() => {
        this.#connection.attached -= 1;
        attachment.detach();
      });
      this.#stream.write(encode({ attach: { lastSequence: attachment.session.lastSequence } }));
    } catch (thrown) {
      // Without a session there is nothing to keep the stream open for.
      this.#fail(toGymwireError(thrown, log));
    }
    shares.charge(this.#connection, performance.now() - began);
  }

  #carryOut(message: Buffer, account: SessionAccount): MaybePromise<void> {
    if (this.isOver) return undefined;
    const { shares } = this.#context;
    const began = account.begin();
    const reply = this.#respond(message);
    if (reply instanceof Promise) {
      account.charge(began, shares);
      return reply.then((bytes) => {
        account.end();
        return this.#send(bytes);
      });
    }
    const sent = this.#send(reply);
    account.endCharged(began, shares);
    return sent;
  }

  /** Never throws or rejects: a request that fails becomes an error response, and the stream goes on. */
  #respond(message: Buffer): MaybePromise<Buffer> {
    const failed = (thrown: unknown): Buffer => {
      this.#isClosed = false;
      return encode({ error: encodeError(toGymwireError(thrown, this.#context.log)) });
    };
    try {
      const response = this.#request(this.#context.decoders.stream(message));
      return response instanceof Promise ? response.then(encode).catch(failed) : encode(response);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  #request(request: Request): MaybePromise<Response> {
    const session = this.#attachment?.session;
    if (session === undefined) throw new GymwireError('SESSION_GONE', 'the session is closed');
    const { maxMessageBytes } = this.#context;
    if (Buffer.isBuffer(request)) return step(session, request, maxMessageBytes);
    if (request instanceof Undecodable) throw undecodable(request, 'InteractRequest');
    if (request.step) return step(session, request.step, maxMessageBytes);
    if (request.reset) {
      const reset = session.reset(decodeResetOptions(request.reset), request.reset.sequence);
      return chain(reset, (result) => {
        const reply = encode({ reset: encodeResetResult(result, session.lastSequence) });
        return fitting(reply, 'reset', maxMessageBytes, session);
      });
    }
    if (request.render) {
      return chain(session.render(request.render.envIndex), (drawn) =>
        fitting(encode({ render: { frame: encodeFrame(drawn) } }), 'render', maxMessageBytes),
      );
    }
    if (request.call) return chain(callMethod(session, request.call, this.#context), (call) => ({ call }));
    if (request.read) return chain(readAttribute(session, request.read, this.#context), (read) => ({ read }));
    if (!request.close) throw malformed('expected a reset, step, render, call, read or close');
    this.#isClosed = true;
    return this.#context.store.close(session.description.sessionId).then(() => ({ close: {} }));
  }

  /** @returns when the next request may have its turn */
  #send(reply: Buffer): MaybePromise<void> {
    if (this.isOver) return undefined;
    if (this.#isClosed) {
      this.#stream.write(reply);
      this.#finish();
      return undefined;
    }
    if (reply.length >= largeReply) return this.#sendLarge(reply);
    return this.#stream.write(reply) ? undefined : this.#whenSent((sent) => this.#stream.once('drain', sent));
  }

  #sendLarge(reply: Buffer): Promise<void> {
    const release = this.#context.replies.hold(this.#connection, reply.length);
    return this.#whenSent((sent) => this.#stream.write(reply, sent)).finally(release);
  }

  /** Until `start` calls back, or the stream ends. */
  #whenSent(start: (sent: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const leave = this.onEnd(resolve);
      start(() => {
        leave();
        resolve();
      });
    });
  }

  #fail(error: GymwireError): void {
    if (this.isOver) return;
    this.#release();
    this.#stream.emit('error', toStatus(error));
  }

  readonly #finish = (): void => {
    if (this.isOver) return;
    this.#release();
    this.#stream.end();
  };

  readonly #release = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    for (const callback of this.#ends) callback();
    this.#ends.clear();
  };
}

const encode: (response: Response) => Buffer = streamMethod.responseSerialize;

function step(
  session: Session,
  request: Buffer | wire.StepRequest,
  maxMessageBytes: number,
): MaybePromise<Response> {
  return chain(stepAsAsked(session, request), (result) =>
    fitting(encodeStepResponse(result, session.lastSequence), 'step', maxMessageBytes, session),
  );
}
