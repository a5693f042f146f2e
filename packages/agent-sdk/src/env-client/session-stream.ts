/** One stream from its opening to its end, whichever way that comes. What is said on it is its owner's affair. */
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import {
  decodeError,
  fromServiceError,
  openStream,
  type StreamRequest as Request,
  type StreamResponseOutput as Response,
  Undecodable,
} from '@gymwire/protocol/wire';
import type { Client, EnvChannel } from './env-channel.ts';

export interface StreamOwner {
  receive(stream: SessionStream, response: Response): void;
  /** Called once at most, and not for a stream that was dropped. */
  broke(stream: SessionStream, error: GymwireError): void;
}

export class SessionStream {
  /** Whose connection carries it. */
  readonly client: Client;
  readonly #stream: ClientDuplexStream<Request, Response>;
  #owner: StreamOwner;
  #fault: GymwireError | undefined;
  #isDropped = false;

  constructor(channel: EnvChannel, owner: StreamOwner) {
    this.#owner = owner;
    const where = `the session at ${channel.address}`;
    this.client = channel.client;
    this.#stream = openStream(this.client, channel.metadata());
    this.#stream.on('data', (response: Response) => {
      if (!this.#isDropped) this.#owner.receive(this, response);
    });
    this.#stream.on('error', (error: ServiceError) => this.#end(fromServiceError(error, where)));
    this.#stream.on('end', () => {
      const message = `${where}: its stream ended`;
      this.#end(new GymwireError('SERVER_UNAVAILABLE', message, { origin: 'transport' }));
    });
  }

  /** From now on this owner hears of it. @throws GymwireError when it broke already */
  passTo(owner: StreamOwner): void {
    if (this.#fault !== undefined) throw this.#fault;
    this.#owner = owner;
  }

  send(request: Request): void {
    this.#stream.write(request);
  }

  /** Nothing more is heard from it. */
  drop(): void {
    this.#isDropped = true;
    this.#stream.cancel();
  }

  /** After the last answer. */
  finish(): void {
    this.#isDropped = true;
    this.#stream.end();
  }

  #end(error: GymwireError): void {
    if (this.#isDropped || this.#fault !== undefined) return;
    this.#fault = error;
    this.#owner.broke(this, error);
  }
}

/** Neither a step's reply, as it travelled, nor bytes that make no sense. */
export function isMessage(response: Response): response is Exclude<Response, Buffer | Undecodable> {
  return !Buffer.isBuffer(response) && !(response instanceof Undecodable);
}

/** What a response is, for messages about one that nobody asked for. */
export function describeAnswer(response: Response): string {
  if (response instanceof Undecodable) return `bytes that are no response: ${response.reason}`;
  return isMessage(response) ? (response.response ?? 'nothing') : 'step';
}

/**
 * Opens a stream and attaches it to a session, within `connectTimeoutMs`.
 * @param takeOver also when the server still believes in a stream of ours that is dead
 * @throws GymwireError SESSION_GONE, SESSION_BUSY, SERVER_UNAVAILABLE, DEADLINE_EXCEEDED …
 */
export function attachStream(
  channel: EnvChannel,
  sessionId: string,
  takeOver: boolean,
): Promise<SessionStream> {
  const { connectTimeoutMs } = channel.options;
  return new Promise((resolve, reject) => {
    const stream = new SessionStream(channel, {
      receive(_, response) {
        clearTimeout(timer);
        const message = isMessage(response) ? response : undefined;
        if (message?.attach) {
          resolve(stream);
          return;
        }
        stream.drop();
        const answer = `${channel.address} answered an attach with ${describeAnswer(response)}`;
        const stranger = new GymwireError('MALFORMED', answer, { origin: 'transport' });
        reject(message?.error ? decodeError(message.error) : stranger);
      },
      broke(_, error) {
        clearTimeout(timer);
        reject(error);
      },
    });
    const timer = setTimeout(() => {
      stream.drop();
      const message = `attach at ${channel.address}: no answer within ${connectTimeoutMs} ms`;
      reject(new GymwireError('DEADLINE_EXCEEDED', message, { origin: 'transport' }));
    }, connectTimeoutMs);
    stream.send({ attach: { sessionId, takeOver } });
  });
}
