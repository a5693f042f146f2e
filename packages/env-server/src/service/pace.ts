/**
 * How far a call's messages are read ahead. gRPC's streams hold sixteen, whatever their size: of the largest ones that
 * is a gigabyte. So after a large one, none is asked for until it has been dealt with.
 */
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];
type Listener = Parameters<ServerInterceptingCall['start']>[0];

/** Smaller ones may lie in line by the dozen. */
export function isLarge(message: Buffer): boolean {
  return message.length >= 2 ** 16;
}

export class Pace {
  /** A handler has a call's metadata, and so finds what its interceptor knows. */
  readonly #calls = new WeakMap<Metadata, PacedCall>();

  /** Costs no object and no closure a message. */
  readonly interceptor: ServerInterceptor = (_, call) =>
    new PacedCall(call, (metadata, paced) => this.#calls.set(metadata, paced));

  /** The last message of this call has been dealt with. */
  goOn(metadata: Metadata): void {
    this.#calls.get(metadata)?.goOn();
  }
}

class PacedCall extends ServerInterceptingCall {
  readonly #next: NextCall;
  readonly #note: (metadata: Metadata, call: PacedCall) => void;
  #isHeld = false;
  #isAskedFor = false;

  constructor(next: NextCall, note: (metadata: Metadata, call: PacedCall) => void) {
    super(next);
    this.#next = next;
    this.#note = note;
  }

  goOn(): void {
    this.#isHeld = false;
    if (!this.#isAskedFor) return;
    this.#isAskedFor = false;
    this.#next.startRead();
  }

  override start(listener: Listener): void {
    this.#next.start({
      onReceiveMetadata: (metadata: Metadata) => {
        this.#note(metadata, this);
        listener.onReceiveMetadata(metadata);
      },
      onReceiveMessage: (message: unknown) => {
        this.#isHeld = Buffer.isBuffer(message) && isLarge(message);
        listener.onReceiveMessage(message);
      },
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => listener.onCancel(),
    });
  }

  override startRead(): void {
    if (this.#isHeld) this.#isAskedFor = true;
    else this.#next.startRead();
  }

  override sendMetadata(metadata: Metadata): void {
    this.#next.sendMetadata(metadata);
  }

  override sendMessage(message: unknown, callback: () => void): void {
    this.#next.sendMessage(message, callback);
  }

  override sendStatus(status: Parameters<ServerInterceptingCall['sendStatus']>[0]): void {
    this.#next.sendStatus(status);
  }
}
