/**
 * The client's end of the hot path: one stream attached to one session. Requests are answered in order, so the
 * oldest waiting call owns the next response.
 */
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import {
  decodeError,
  type EnvServiceClient,
  encodeStepRequest,
  fromServiceError,
  GymwireError,
  nextSequence,
  openStream,
  type StreamRequest as Request,
  type StreamResponseOutput as Response,
  type Value,
  type wire,
} from '@gymwire/protocol';

type Client = InstanceType<typeof EnvServiceClient>;
type Message = wire.InteractResponse__Output;
type Kind = Exclude<Message['response'], undefined>;
/** A step's reply comes as it travelled, for `decodeStepResponse`. */
type Reply<K extends Kind> = NonNullable<Message[K]> | (K extends 'step' ? Buffer : never);

interface Waiting {
  readonly kind: Kind;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: GymwireError) => void;
}

const noop = () => undefined;

export class SessionStream {
  readonly sessionId: string;
  readonly #address: string;
  readonly #deadlineMs: number;
  readonly #stream: ClientDuplexStream<Request, Response>;
  readonly #waiting: Waiting[] = [];
  /** Started anew by every request; a timer for each would cost more than the message. */
  readonly #watchdog: NodeJS.Timeout;
  #sequence = 0;
  /** The reset or step under way. */
  #numberedCall: Promise<void> | undefined;
  #broken: GymwireError | undefined;

  constructor(client: Client, sessionId: string, address: string, deadlineMs: number) {
    this.sessionId = sessionId;
    this.#address = address;
    this.#deadlineMs = deadlineMs;
    this.#watchdog = setTimeout(() => this.#expire(), deadlineMs);
    this.#watchdog.unref();
    this.#stream = openStream(client);
    this.#stream.on('data', (response: Response) => this.#receive(response));
    this.#stream.on('error', (error: ServiceError) => {
      this.#break(fromServiceError(error, `the session at ${address}`));
    });
    this.#stream.on('end', () => {
      this.#break(new GymwireError('SESSION_GONE', `the server at ${address} ended the session's stream`));
    });
  }

  async attach(): Promise<void> {
    const { lastSequence } = await this.#call('attach', { attach: { sessionId: this.sessionId } });
    this.#sequence = lastSequence;
  }

  reset(request: NonNullable<wire.InteractRequest['reset']>): Promise<Reply<'reset'>> {
    return this.#numbered('reset', (sequence) => ({ reset: { ...request, sequence } }));
  }

  step(action: Value): Promise<Reply<'step'>> {
    return this.#numbered('step', (sequence) => encodeStepRequest(action, sequence));
  }

  render(envIndex: number): Promise<Reply<'render'>> {
    return this.#call('render', { render: { envIndex } });
  }

  /** Closes the session and the stream. Closing what is broken does nothing. */
  async close(): Promise<void> {
    if (this.#broken !== undefined) return;
    try {
      await this.#call('close', { close: {} });
    } catch (error) {
      // What the close asked for is so already: the session is gone, or its server is.
      const gone = ['SESSION_GONE', 'SHUTTING_DOWN', 'SERVER_UNAVAILABLE'];
      if (!(error instanceof GymwireError && gone.includes(error.code))) throw error;
    } finally {
      this.#break(new GymwireError('SESSION_GONE', 'this environment was closed'));
      this.#stream.end();
    }
  }

  /**
   * One numbered request after the other: whether a number is taken is known from its answer only, and two
   * requests with one number would be one to the server.
   */
  async #numbered<K extends 'reset' | 'step'>(
    kind: K,
    request: (sequence: number) => Request,
  ): Promise<Reply<K>> {
    while (this.#numberedCall !== undefined) await this.#numberedCall;
    const sequence = nextSequence(this.#sequence);
    const call = this.#call(kind, request(sequence));
    this.#numberedCall = call.then(noop, noop);
    try {
      const reply = await call;
      this.#sequence = sequence;
      return reply;
    } finally {
      this.#numberedCall = undefined;
    }
  }

  #call<K extends Kind>(kind: K, request: Request): Promise<Reply<K>> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise<Response>((resolve, reject) => {
      this.#watchdog.refresh();
      this.#waiting.push({ kind, resolve, reject });
      this.#stream.write(request);
    }).then((response) => (Buffer.isBuffer(response) ? response : response[kind]) as Reply<K>);
  }

  #receive(response: Response): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#break(
        new GymwireError('MALFORMED', `the server at ${this.#address} sent a response nobody asked for`),
      );
      return;
    }
    const kind = Buffer.isBuffer(response) ? 'step' : response.response;
    if (!Buffer.isBuffer(response) && response.error) {
      waiting.reject(decodeError(response.error));
    } else if (kind === waiting.kind) {
      waiting.resolve(response);
    } else {
      const message = `${this.#address} answered a ${waiting.kind} with ${kind ?? 'nothing'}`;
      waiting.reject(new GymwireError('MALFORMED', message));
    }
  }

  /** After a deadline nobody knows whether the request was carried out, so the stream cannot go on. */
  #expire(): void {
    const waiting = this.#waiting[0];
    if (waiting === undefined) return;
    this.#break(
      new GymwireError(
        'DEADLINE_EXCEEDED',
        `${waiting.kind} at ${this.#address}: no answer within ${this.#deadlineMs} ms; raise deadlineMs if the simulator is that slow`,
      ),
    );
    this.#stream.cancel();
  }

  #break(error: GymwireError): void {
    this.#broken ??= error;
    clearTimeout(this.#watchdog);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#broken);
  }
}
