/** One Interact stream without manners: sends what it is told, in whatever order, and hands out what comes. */
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { StreamRequest, wire } from '@gymwire/protocol/wire';
import { type Refusal, refusalOfCall, refusalOfResponse } from './refusal.ts';

type Call = ClientDuplexStream<StreamRequest, wire.InteractResponse__Output>;

/** How a stream ended: with the status OK, or with an error. */
export type StreamEnd = { readonly refusal?: Refusal };

export class RawStream {
  readonly #call: Call;
  readonly #responses: wire.InteractResponse__Output[] = [];
  #end: StreamEnd | undefined;
  #wake: () => void = () => undefined;

  constructor(call: Call) {
    this.#call = call;
    call.on('data', (response: wire.InteractResponse__Output) => {
      this.#responses.push(response);
      this.#wake();
    });
    call.on('error', (error: ServiceError) => this.#finish({ refusal: refusalOfCall(error) }));
    call.on('end', () => {
      // An error status comes after the end of the data.
      setImmediate(() => this.#finish({}));
    });
    call.on('status', ({ code }: { code: number }) => {
      if (code === 0) this.#finish({});
    });
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** @param request a Buffer goes as it is, whether it is a message or not */
  send(request: StreamRequest): void {
    if (this.#end === undefined) this.#call.write(request);
  }

  /** The next response, also one that is an error; undefined when the stream ended instead. */
  async receive(): Promise<wire.InteractResponse__Output | undefined> {
    while (this.#responses.length === 0 && this.#end === undefined) await this.#news();
    return this.#responses.shift();
  }

  /** Sends and waits. @throws Refusal for an error response, and for a stream that ended instead */
  async exchange(request: wire.InteractRequest): Promise<wire.InteractResponse__Output> {
    this.send(request);
    const response = await this.receive();
    if (response?.error) throw refusalOfResponse(response.error);
    if (response !== undefined) return response;
    throw this.#end?.refusal ?? new StreamEnded();
  }

  /** Waits for the end; responses that come before are dropped. */
  async ended(): Promise<StreamEnd> {
    while (this.#end === undefined) await this.#news();
    return this.#end;
  }

  /** Half-closes: no more requests will come. */
  finish(): void {
    this.#call.end();
  }

  /** Drops the stream, as a client that dies does. */
  cancel(): void {
    this.#call.cancel();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #finish(end: StreamEnd): void {
    this.#end ??= end;
    this.#wake();
  }
}

/** The server ended a stream with the status OK where a response was due. */
export class StreamEnded extends Error {
  override readonly name = 'StreamEnded';

  constructor() {
    super('the server ended the stream where a response was due');
  }
}
