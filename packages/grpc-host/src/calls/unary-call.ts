/** A unary call as a stream of bytes, which is the same on the wire: the request is read when there is room for it. */
import type { StatusObject } from '@grpc/grpc-js';
import { type GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Connection } from '../net/connection.ts';
import type { ByteStream } from './byte-stream.ts';
import { malformed } from './errors.ts';
import type { Ending } from './line.ts';
import type { ReplyRoom } from './reply-room.ts';

/** Length of a client's own words. */
const maxClientLength = 200;

/** Who calls, in words. */
export interface Caller {
  /** "127.0.0.1:40312" */
  readonly peer: string;
  /** What the client says it is, shortened. */
  readonly client: string;
}

export class UnaryCall implements Ending {
  readonly connection: Connection;
  #isOver = false;
  readonly #stream: ByteStream;
  readonly #ends = new Set<() => void>();

  constructor(stream: ByteStream, connection: Connection) {
    this.#stream = stream;
    this.connection = connection;
    // gRPC says so at every end, also of a call that went well.
    stream.once('cancelled', () => this.#end());
    if (stream.cancelled) this.#end();
  }

  get isOver(): boolean {
    return this.#isOver || this.connection.hasEnded;
  }

  /** Who calls. */
  get caller(): Caller {
    const agent = String(this.#stream.metadata.get('user-agent')[0] ?? '');
    return { peer: this.#stream.getPeer(), client: agent.slice(0, maxClientLength) };
  }

  onEnd(callback: () => void): () => void {
    if (this.#isOver) {
      callback();
      return () => undefined;
    }
    this.#ends.add(callback);
    return () => void this.#ends.delete(callback);
  }

  /** @returns the request; undefined when the call ended before. @throws GymwireError MALFORMED when there is none */
  request(): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      let isDue = true;
      const settle = (how: () => void) => {
        if (!isDue) return;
        isDue = false;
        leave();
        how();
      };
      const leave = this.onEnd(() => settle(() => resolve(undefined)));
      this.#stream.on('data', (message: Buffer) => {
        if (!isDue) this.fail(malformed('expected one request, got another one'));
        settle(() => resolve(message));
      });
      this.#stream.once('end', () => settle(() => reject(malformed('expected one request, got none'))));
    });
  }

  /** @param left called when the reply has been sent */
  answer(reply: Buffer, replies: ReplyRoom, left?: () => void): void {
    if (this.isOver) return;
    const release = replies.hold(this.connection, reply.length);
    this.onEnd(release);
    this.#stream.write(reply, (error?: Error | null) => {
      if (!error) left?.();
    });
    this.#stream.end();
  }

  /** One of several replies. @returns when it has left, or never will */
  send(reply: Buffer, replies: ReplyRoom): Promise<void> {
    if (this.isOver) return Promise.resolve();
    const release = replies.hold(this.connection, reply.length);
    return new Promise<void>((resolve) => {
      const leave = this.onEnd(resolve);
      this.#stream.write(reply, () => {
        leave();
        resolve();
      });
    }).finally(release);
  }

  fail(error: GymwireError): void {
    this.failWith(toStatus(error));
  }

  failWith(status: Partial<StatusObject>): void {
    if (!this.isOver) this.#stream.emit('error', status);
  }

  #end(): void {
    this.#isOver = true;
    for (const callback of this.#ends) callback();
    this.#ends.clear();
  }
}
