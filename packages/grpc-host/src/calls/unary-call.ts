/** A unary call as a stream of bytes, which is the same on the wire: the request is read when there is room for it. */
import { type GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Connection } from '../net/connection.ts';
import { type ByteStream, isCompressed } from './byte-stream.ts';
import { malformed } from './errors.ts';
import type { Ending, Places } from './line.ts';
import type { ReplyRoom } from './reply-room.ts';

/** A request that does not come serves nobody. */
const requestTimeoutMs = 30_000;

/** Of a client's own words. */
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
  request(unpacking: Places): Promise<Buffer | undefined> {
    const { arriving } = this.connection;
    return this.#within(isCompressed(this.#stream) ? [arriving, unpacking] : [arriving]);
  }

  /** Reads the request when it has a place in each. */
  async #within([first, ...others]: readonly Places[]): Promise<Buffer | undefined> {
    if (first === undefined) return this.#firstMessage();
    const leave = await first.take(this);
    if (leave === undefined) return undefined;
    try {
      return await this.#within(others);
    } finally {
      leave();
    }
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

  fail(error: GymwireError): void {
    if (!this.isOver) this.#stream.emit('error', toStatus(error));
  }

  #firstMessage(): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      let isDue = true;
      const settle = (how: () => void) => {
        if (!isDue) return;
        isDue = false;
        clearTimeout(timer);
        leave();
        how();
      };
      const refuse = (message: string) => settle(() => reject(malformed(message)));
      const timer = setTimeout(() => refuse('the request did not come in time'), requestTimeoutMs).unref();
      const leave = this.onEnd(() => settle(() => resolve(undefined)));
      this.#stream.on('data', (message: Buffer) => {
        if (!isDue) this.fail(malformed('expected one request, got another one'));
        settle(() => resolve(message));
      });
      this.#stream.once('end', () => refuse('expected one request, got none'));
    });
  }

  #end(): void {
    this.#isOver = true;
    for (const callback of this.#ends) callback();
    this.#ends.clear();
  }
}
