/**
 * What stands between a call and its handler: tokens are checked before a byte of the request is read; and messages
 * are read ahead with a limit, since gRPC's streams hold sixteen, whatever their size: of the largest ones that is a
 * gigabyte. So after a large one none is asked for until it has been dealt with.
 */
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { type Arrival, type Arrivals, largeMessage } from './arrivals.ts';
import { arrivalKey } from './byte-stream.ts';

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];
type Listener = Parameters<ServerInterceptingCall['start']>[0];
type Status = Parameters<ServerInterceptingCall['sendStatus']>[0];

/** @returns what a call is refused with; undefined: it may go on */
export type Admit = (path: string, metadata: Metadata) => Status | undefined;

export function isLarge(message: Buffer): boolean {
  return message.length >= largeMessage;
}

export class Gate {
  /** A handler has a call's metadata, and so finds what its interceptor knows. */
  readonly #calls = new WeakMap<Metadata, GatedCall>();
  readonly #admit: Admit;
  readonly #arrivals: Arrivals;

  constructor(admit: Admit, arrivals: Arrivals) {
    this.#admit = admit;
    this.#arrivals = arrivals;
  }

  /** Costs no object and no closure a message. */
  readonly interceptor: ServerInterceptor = ({ path }, call) =>
    new GatedCall(call, (metadata, gated) => {
      const refusal = this.#admit(path, metadata);
      if (refusal !== undefined) return refusal;
      this.#calls.set(metadata, gated);
      gated.arrival = this.#arrivals.find(String(metadata.get(arrivalKey)[0]));
      return undefined;
    });

  /** The last message of this call has been dealt with. */
  goOn(metadata: Metadata): void {
    this.#calls.get(metadata)?.goOn();
  }
}

class GatedCall extends ServerInterceptingCall {
  arrival: Arrival | undefined;
  readonly #next: NextCall;
  readonly #admit: (metadata: Metadata, call: GatedCall) => ReturnType<Admit>;
  #isHeld = false;
  #isAskedFor = false;

  constructor(next: NextCall, admit: (metadata: Metadata, call: GatedCall) => ReturnType<Admit>) {
    super(next);
    this.#next = next;
    this.#admit = admit;
  }

  goOn(): void {
    this.#isHeld = false;
    this.arrival?.dealtWith();
    if (!this.#isAskedFor) return;
    this.#isAskedFor = false;
    this.#next.startRead();
  }

  override start(listener: Listener): void {
    this.#next.start({
      onReceiveMetadata: (metadata: Metadata) => {
        const refusal = this.#admit(metadata, this);
        if (refusal === undefined) listener.onReceiveMetadata(metadata);
        else this.#next.sendStatus(refusal);
      },
      onReceiveMessage: (message: unknown) => {
        this.#isHeld = Buffer.isBuffer(message) && isLarge(message);
        this.arrival?.delivered(this.#isHeld ? (message as Buffer).length : 0);
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

  override sendStatus(status: Status): void {
    this.#next.sendStatus(status);
  }
}
