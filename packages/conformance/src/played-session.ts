/**
 * A session that a rule plays with: keeps count of sequence numbers, speaks over its stream or by unary calls, and
 * comes back when its stream ended, so that a server which loses streams fails the rules about streams only.
 */

import {
  nextSequence,
  type SessionDescription,
  type Tensor,
  type Value,
  type ValueDict,
  type VectorResetOptions,
} from '@gymwire/protocol';
import {
  decodeTensor,
  decodeValue,
  encodeDict,
  encodeResetOptions,
  encodeValue,
  type wire,
} from '@gymwire/protocol/wire';
import { methods, type RawClient } from './client/raw-client.ts';
import { type RawStream, StreamEnded } from './client/raw-stream.ts';
import { Refusal } from './client/refusal.ts';
import { PlayedCall, PlayedReset, PlayedStep } from './played-replies.ts';
import { Broken } from './verdicts.ts';

export type Route = 'stream' | 'unary';

export interface RequestOptions {
  /** Default: the next one. 0: unnumbered. */
  readonly sequence?: number;
  readonly by?: Route;
}

export interface CallOptions extends RequestOptions {
  readonly keywordArguments?: ValueDict;
  /** Default: all. */
  readonly envIndices?: readonly number[];
}

type ReadOptions = Pick<CallOptions, 'envIndices' | 'by'>;

type Answered = 'reset' | 'step' | 'render' | 'call' | 'read';

export class PlayedSession {
  readonly description: SessionDescription;
  /** Environments; 1 for a single one. */
  readonly count: number;
  /** The number of the last reset, step or call that was carried out. */
  sequence = 0;
  readonly #client: RawClient;
  #stream: RawStream | undefined;

  constructor(client: RawClient, description: SessionDescription) {
    this.#client = client;
    this.description = description;
    this.count = description.numEnvs ?? 1;
  }

  get id(): string {
    return this.description.sessionId;
  }

  get next(): number {
    return nextSequence(this.sequence);
  }

  async reset(options: VectorResetOptions = {}, request: RequestOptions = {}): Promise<PlayedReset> {
    return this.resetBy(encodeResetOptions(options), request);
  }

  /** With a request that is already a message, and may be a bad one. */
  async resetBy(
    message: NonNullable<wire.InteractRequest['reset']>,
    request: RequestOptions = {},
  ): Promise<PlayedReset> {
    return this.#numbered(request, async (sequence, by) => {
      const reset = { ...message, sequence };
      const reply =
        by === 'unary'
          ? await this.#client.call(methods.Reset, { ...reset, sessionId: this.id })
          : await this.#exchange('reset', { reset });
      return new PlayedReset(reply);
    });
  }

  async step(action: Value, request: RequestOptions = {}): Promise<PlayedStep> {
    return this.stepBy({ action: encodeValue(action) }, request);
  }

  async stepBy(
    message: NonNullable<wire.InteractRequest['step']>,
    request: RequestOptions = {},
  ): Promise<PlayedStep> {
    return this.#numbered(request, async (sequence, by) => {
      const step = { ...message, sequence };
      const reply =
        by === 'unary'
          ? await this.#client.call(methods.Step, { ...step, sessionId: this.id })
          : await this.#exchange('step', { step });
      return new PlayedStep(reply, this.count);
    });
  }

  async call(name: string, args: readonly Value[], options: CallOptions = {}): Promise<PlayedCall> {
    const message = this.#message(name, options.envIndices);
    const { keywordArguments } = options;
    return this.#numbered(options, async (sequence, by) => {
      const call = {
        ...message,
        sequence,
        arguments: { values: args.map((value) => encodeValue(value)) },
        ...(keywordArguments === undefined ? {} : { keywordArguments: encodeDict(keywordArguments) }),
      };
      const reply =
        by === 'unary'
          ? await this.#client.call(methods.CallMethod, { ...call, sessionId: this.id })
          : await this.#exchange('call', { call });
      return new PlayedCall(reply);
    });
  }

  async read(name: string, { envIndices, by = 'stream' }: ReadOptions = {}): Promise<Value[]> {
    const read = this.#message(name, envIndices);
    const { values } =
      by === 'unary'
        ? await this.#client.call(methods.ReadAttribute, { ...read, sessionId: this.id })
        : await this.#exchange('read', { read });
    return values.map((value, i) => decodeValue(value, `value[${i}]`));
  }

  /** The request as it is, and it may be a bad one. */
  #message(name: string, envIndices: readonly number[] = []) {
    return { name, envIndices: [...envIndices] };
  }

  /**
   * Where the rule leaves the number open and the server expects another one, it gets that: whether a server counts
   * right is for the rules about sequence numbers.
   */
  async #numbered<R extends PlayedReset | PlayedStep | PlayedCall>(
    { sequence, by = 'stream' }: RequestOptions,
    send: (sequence: number, by: Route) => Promise<R>,
  ): Promise<R> {
    let reply: R;
    try {
      reply = await send(sequence ?? this.next, by);
    } catch (thrown) {
      const expected = thrown instanceof Refusal ? Number(thrown.carried?.details.expected) : Number.NaN;
      if (sequence !== undefined || !Number.isInteger(expected) || expected === this.next) throw thrown;
      reply = await send(expected, by);
    }
    this.sequence = reply.wire.sequence;
    return reply;
  }

  async render(envIndex = 0, by: Route = 'stream'): Promise<Tensor> {
    const reply =
      by === 'unary'
        ? await this.#client.call(methods.Render, { sessionId: this.id, envIndex })
        : await this.#exchange('render', { render: { envIndex } });
    if (reply.frame === null) throw new Broken('render: the response has no frame');
    return decodeTensor(reply.frame, 'frame');
  }

  /** A stream that attaches to this session and is the caller's; not the one that resets and steps use. */
  async attach(takeOver = false): Promise<{ stream: RawStream; lastSequence: number }> {
    const stream = this.#client.interact();
    const { attach } = await stream.exchange({ attach: { sessionId: this.id, takeOver } });
    if (!attach) throw new Broken('attach: expected an attach response');
    return { stream, lastSequence: attach.lastSequence };
  }

  /** Ends the stream that resets and steps use, and waits until the server has ended it. */
  async detach(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) return;
    stream.finish();
    await stream.ended();
  }

  async close(): Promise<void> {
    await this.#client.call(methods.CloseSession, { sessionId: this.id });
  }

  /** One request and its response; once more, with the same number, when the stream ended instead. */
  async #exchange<K extends Answered>(
    kind: K,
    request: wire.InteractRequest,
  ): Promise<NonNullable<wire.InteractResponse__Output[K]>> {
    const before = this.#stream;
    const stream = before === undefined || before.hasEnded ? await this.#attachAnew() : before;
    try {
      return pick(await stream.exchange(request), kind);
    } catch (thrown) {
      const isLost = stream.hasEnded && (thrown instanceof StreamEnded || isTransport(thrown));
      if (!isLost || stream !== before) throw thrown;
      return pick(await (await this.#attachAnew()).exchange(request), kind);
    }
  }

  async #attachAnew(): Promise<RawStream> {
    const isComingBack = this.#stream !== undefined;
    const { stream } = await this.attach(isComingBack);
    this.#stream = stream;
    return stream;
  }
}

/** A stream that broke without a reason of the protocol's. */
function isTransport(thrown: unknown): boolean {
  return thrown instanceof Refusal && thrown.code === '';
}

function pick<K extends Answered>(
  response: wire.InteractResponse__Output,
  kind: K,
): NonNullable<wire.InteractResponse__Output[K]> {
  const reply: wire.InteractResponse__Output[K] = response[kind];
  if (reply) return reply;
  throw new Broken(`a ${kind} was answered with ${response.response ?? 'an empty response'}`);
}
