/** The process of one session: calls to it as frames, and what becomes of them when it dies. */
import { deserialize, serialize } from 'node:v8';
import { type PortableError, unpackError } from '@gymwire/env/host';
import { messageOf } from '@gymwire/protocol';
import type { Death } from '../slots/session-envs.ts';
import type { HostCall, HostGroup, Replies } from '../threads/host-group.ts';
import { HostLife } from '../threads/host-life.ts';
import type { HostData, HostReply } from '../threads/host-messages.ts';
import { type RowShape, rowsByteLength, rowsIn, type SharedRows } from '../threads/shared-rows.ts';
import { FrameReader, frame, fromProcess, toProcess } from './frames.ts';
import { SessionProcess } from './session-process.ts';

export interface ProcessGroupOptions {
  readonly maxMemoryMb: number;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

/** A group of one host. */
export class ProcessGroup implements HostGroup {
  readonly size = 1;
  readonly #process: SessionProcess;
  readonly #life = new HostLife<HostReply | undefined>();
  readonly #reader = new FrameReader((kind, body) => this.#receive(kind, body));
  #rows: SharedRows | undefined;

  /** The process makes its environments at once; `made` waits for that. */
  constructor(share: HostData, { maxMemoryMb, onOutput }: ProcessGroupOptions) {
    this.#process = new SessionProcess(maxMemoryMb, {
      onData: (chunk) => this.#take(chunk),
      onOutput,
      onEnd: (why) => this.#die(why),
    });
    this.#process.write(frame(toProcess.start, serialize(share)));
  }

  get death(): Promise<Death> {
    return this.#life.death;
  }

  made(): Promise<Replies> {
    return this.#answered();
  }

  async share(shape: RowShape): Promise<SharedRows> {
    const rows = rowsIn(new ArrayBuffer(rowsByteLength(shape)), shape);
    this.#rows = rows;
    await this.call([{ kind: 'share', count: shape.count }]);
    return rows;
  }

  call([call]: ReadonlyArray<HostCall | undefined>): Promise<Replies> {
    const answered = this.#answered();
    if (!this.#life.isOver) this.#process.write(this.#frameOf(call));
    return answered;
  }

  detach(): void {
    if (!this.#life.isOver) this.#process.write(frame(toProcess.detach));
  }

  async leave(): Promise<void> {
    this.#life.end();
    this.#process.leave();
    await this.#process.ended;
  }

  async end(): Promise<void> {
    this.#life.end();
    this.#process.kill();
    await this.#process.ended;
  }

  #frameOf(call: HostCall | undefined): Buffer {
    if (this.#rows === undefined || typeof call !== 'string')
      return frame(toProcess.message, serialize(call));
    const { actions, nextSeeds } = this.#rows.regions;
    return call === 'step' ? frame(toProcess.step, actions) : frame(toProcess.seededStep, actions, nextSeeds);
  }

  async #answered(): Promise<Replies> {
    this.#process.ref();
    return [await this.#life.answered()];
  }

  #take(chunk: Buffer): void {
    try {
      this.#reader.take(chunk);
    } catch (cause) {
      this.#die(`the simulator's process sent what it must not: ${messageOf(cause)}`, cause);
    }
  }

  #receive(kind: number, body: Buffer): void {
    if ((kind & fromProcess.fault) !== 0) {
      const fault = unpackError(deserialize(body) as PortableError);
      return this.#die(`the simulator's process failed: ${fault.message}`, fault);
    }
    this.#process.unref();
    this.#life.answer(this.#unpack(kind, body));
  }

  #unpack(kind: number, body: Buffer): HostReply | undefined {
    let rest = body;
    const take = (part: number, region: Uint8Array | undefined) => {
      if ((kind & part) === 0 || region === undefined) return;
      region.set(rest.subarray(0, region.length));
      rest = rest.subarray(region.length);
    };
    const regions = this.#rows?.regions;
    take(fromProcess.state, regions?.state);
    take(fromProcess.infos, regions?.infos);
    take(fromProcess.finals, regions?.finals);
    return (kind & fromProcess.message) === 0 ? undefined : (deserialize(rest) as HostReply);
  }

  #die(message: string, cause?: unknown): void {
    if (this.#life.die(message, cause)) this.#process.kill();
  }
}
