/**
 * A session that a rule plays with: keeps count of sequence numbers, speaks over its stream or by unary calls, and
 * comes back when its stream ended, so that a server which loses streams fails the rules about streams only.
 */
import {
  decodeResetResult,
  decodeStepResult,
  decodeTensor,
  encodeResetOptions,
  encodeValue,
  type Info,
  isTensor,
  nextSequence,
  type SessionDescription,
  type Tensor,
  type Value,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
  type wire,
} from '@gymwire/protocol';
import { methods, type RawClient } from './client/raw-client.ts';
import { type RawStream, StreamEnded } from './client/raw-stream.ts';
import { Refusal } from './client/refusal.ts';
import type { Counts } from './conformance-env.ts';
import { show } from './difference.ts';
import { Broken } from './verdicts.ts';

type ResetOutput = Parameters<typeof decodeResetResult>[0];
type StepOutput = Parameters<typeof decodeStepResult>[0];
export type Route = 'stream' | 'unary';

export interface RequestOptions {
  /** Default: the next one. 0: unnumbered. */
  readonly sequence?: number;
  readonly by?: Route;
}

export interface PlayedReset extends VectorResetResult {
  readonly wire: ResetOutput;
}

export interface PlayedStep extends VectorStepResult {
  readonly wire: StepOutput;
}

export class PlayedSession {
  readonly description: SessionDescription;
  /** Environments; 1 for a single one. */
  readonly count: number;
  /** Of the last reset or step that was carried out. */
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
    { sequence = this.next, by = 'stream' }: RequestOptions = {},
  ): Promise<PlayedReset> {
    const reset = { ...message, sequence };
    const reply =
      by === 'unary'
        ? await this.#client.call(methods.Reset, { ...reset, sessionId: this.id })
        : await this.#exchange('reset', { reset });
    this.sequence = reply.sequence;
    return { ...decodeResetResult(reply), wire: reply };
  }

  async step(action: Value, request: RequestOptions = {}): Promise<PlayedStep> {
    return this.stepBy({ action: encodeValue(action) }, request);
  }

  async stepBy(
    message: NonNullable<wire.InteractRequest['step']>,
    { sequence = this.next, by = 'stream' }: RequestOptions = {},
  ): Promise<PlayedStep> {
    const step = { ...message, sequence };
    const reply =
      by === 'unary'
        ? await this.#client.call(methods.Step, { ...step, sessionId: this.id })
        : await this.#exchange('step', { step });
    this.sequence = reply.sequence;
    return { ...decodeStepResult(reply, this.count), wire: reply };
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
  async #exchange<K extends 'reset' | 'step' | 'render'>(
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

function pick<K extends 'reset' | 'step' | 'render'>(
  response: wire.InteractResponse__Output,
  kind: K,
): NonNullable<wire.InteractResponse__Output[K]> {
  const reply: wire.InteractResponse__Output[K] = response[kind];
  if (reply) return reply;
  throw new Broken(`a ${kind} was answered with ${response.response ?? 'an empty response'}`);
}

/** @throws Broken when the observation is not of the kind `counts` */
export function countsOf(observation: Value, count: number, isVector = true): Counts[] {
  const shape = isVector ? [count, 5] : [5];
  if (
    !isTensor(observation) ||
    observation.dtype !== 'float64' ||
    observation.shape.join() !== shape.join()
  ) {
    throw new Broken(`observation: expected float64 [${shape.join(', ')}], got ${show(observation)}`);
  }
  const numbers = Array.from(observation.data, Number);
  return Array.from({ length: count }, (_, i) => {
    const [draw = 0, step = 0, steps = 0, resets = 0, a = 0] = numbers.slice(5 * i, 5 * i + 5);
    return { draw, step, steps, resets, a };
  });
}

/** What the only environment of a single session observed. */
export function countsOfSingle(observation: Value): Counts {
  const [counts] = countsOf(observation, 1, false);
  if (counts === undefined) throw new Broken('observation: nothing came');
  return counts;
}

/** An env's `step` out of its info; -1 when there is none. Whether it is an int is another rule's concern. */
export function stepInInfo(infos: ReadonlyMap<number, Info>, envIndex = 0): number {
  const step = infos.get(envIndex)?.step;
  return typeof step === 'bigint' || typeof step === 'number' ? Number(step) : -1;
}
