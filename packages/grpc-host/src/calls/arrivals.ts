/**
 * What comes in, of every method of every service: looked at between HTTP/2 and gRPC, which would read a message of any
 * service as far as the largest one may go, from as many calls as there are, for ever. A message has a place, and room in
 * memory, from when it is announced; who announces nothing takes none.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Connection } from '../net/connection.ts';
import { type Ending, Places } from './line.ts';
import { refusal } from './refusal.ts';
import { RequestRoom } from './request-room.ts';

/** From here on a message is dealt with before the next one is read; smaller ones may lie in line by the dozen. */
export const largeMessage = 2 ** 16;
/** Smaller ones than this arrive without a place. */
const noticeableMessage = 4096;
/** A message that does not come serves nobody: the first one, and each that has begun. */
const arrivalTimeoutMs = 30_000;
const headerBytes = 5;

/** Announced and not dealt with, of all connections: from here on large ones wait. */
const arrivingBytesOfAll = 256 * 2 ** 20;
/** Compressed messages at a time. */
const unpackedAtOnce = 2;

export interface ArrivalRules {
  /** Bytes of a request of this call's service. */
  readonly maxBytes: number;
  /** Messages that may come in one piece: gRPC reads them all at once. */
  readonly maxAtOnce: number;
  readonly isCompressed: boolean;
}

type Receive = (chunk: Buffer) => void;

export class Arrivals {
  readonly #unpacking: Places;
  readonly #room: RequestRoom;
  readonly #timeoutMs: number;
  readonly #open = new Map<string, Arrival>();
  #opened = 0;

  /** @param unpacking of compressed messages, each of which may become as large as a message may be */
  constructor(unpacking: Places, room: RequestRoom, timeoutMs: number = arrivalTimeoutMs) {
    this.#unpacking = unpacking;
    this.#room = room;
    this.#timeoutMs = timeoutMs;
  }

  /** @returns to be told when gRPC listens, and its name */
  open(stream: ServerHttp2Stream, connection: Connection, rules: ArrivalRules): [Arrival, string] {
    const name = String(++this.#opened);
    const means = { unpacking: this.#unpacking, room: this.#room, timeoutMs: this.#timeoutMs };
    const arrival = new Arrival(stream, connection, rules, means);
    this.#open.set(name, arrival);
    arrival.onEnd(() => this.#open.delete(name));
    return [arrival, name];
  }

  find(name: string): Arrival | undefined {
    return this.#open.get(name);
  }
}

export function createArrivals(maxMessageBytes: number): Arrivals {
  const room = new RequestRoom(Math.max(arrivingBytesOfAll, 4 * maxMessageBytes));
  return new Arrivals(new Places(unpackedAtOnce), room);
}

interface Means {
  readonly unpacking: Places;
  readonly room: RequestRoom;
  readonly timeoutMs: number;
}

const noop = (): void => undefined;

/** The messages of one call. */
export class Arrival implements Ending {
  isOver = false;
  readonly #stream: ServerHttp2Stream;
  readonly #connection: Connection;
  readonly #rules: ArrivalRules;
  readonly #means: Means;
  readonly #ends = new Set<() => void>();
  readonly #header = Buffer.alloc(headerBytes);
  #headerLength = 0;
  /** Bytes that are missing of the message that is coming. */
  #missing = 0;
  /** Compressed messages that gRPC has and has not handed over. */
  #packed = 0;
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;
  #leaveArriving = noop;
  #leaveUnpacking = noop;
  #leaveRoom = noop;
  #forward: Receive = noop;

  constructor(stream: ServerHttp2Stream, connection: Connection, rules: ArrivalRules, means: Means) {
    this.#stream = stream;
    this.#connection = connection;
    this.#rules = rules;
    this.#means = means;
    stream.once('finish', this.#end);
    stream.once('close', this.#end);
  }

  /** Comes between the stream and whoever listens to it now. */
  listen(): void {
    const listeners = this.#stream.listeners('data') as Receive[];
    // A call that gRPC has refused has none.
    if (listeners.length === 0) return this.#end();
    this.#stream.removeAllListeners('data');
    this.#forward = (chunk) => {
      for (const listener of listeners) Reflect.apply(listener, this.#stream, [chunk]);
    };
    this.#stream.on('data', this.#receive);
    this.#startTimer();
  }

  onEnd(callback: () => void): () => void {
    if (this.isOver) callback();
    else this.#ends.add(callback);
    return () => void this.#ends.delete(callback);
  }

  /** gRPC has handed a message over. @param bytes that it takes as long as it is not dealt with */
  delivered(bytes: number): void {
    if (this.#packed === 0) return;
    this.#packed -= 1;
    if (this.#packed > 0) return;
    this.#leaveRoom();
    this.#leaveRoom = bytes === 0 ? noop : this.#means.room.hold(this.#connection, bytes);
    this.#leaveUnpacking();
  }

  /** What came has been decoded, and its bytes are needed no more. */
  dealtWith(): void {
    if (this.#missing === 0) this.#leaveRoom();
  }

  readonly #receive = (chunk: Buffer): void => {
    // As most messages come: one, and whole.
    const isBetween = this.#missing === 0 && this.#headerLength === 0;
    const isWhole =
      isBetween && chunk.length >= headerBytes && chunk.length === headerBytes + chunk.readUInt32BE(1);
    if (isWhole && chunk.length <= this.#rules.maxBytes && !this.#rules.isCompressed) {
      this.#stopTimer();
      return this.#forward(chunk);
    }
    // gRPC reads on without asking only when it has ended the call.
    if (this.isOver || this.#isWaiting) return undefined;
    return this.#take(chunk);
  };

  #take(chunk: Buffer): void {
    const { maxBytes, maxAtOnce } = this.#rules;
    const packed = this.#packed;
    const { announced, count } = this.#read(chunk);
    if (count > maxAtOnce) {
      const message = `expected at most ${maxAtOnce} messages at once here, got ${count}`;
      return this.#refuse(new GymwireError('CAPACITY', message));
    }
    if (announced > maxBytes) {
      const message = `expected a message of at most ${maxBytes} bytes here, got one of ${announced}`;
      return this.#refuse(new GymwireError('CAPACITY', message));
    }
    // A message that goes on has its place.
    const isNew = this.#missing > 0 && announced >= noticeableMessage;
    if (!isNew && packed === this.#packed) return this.#pass(chunk);
    this.#stream.pause();
    this.#isWaiting = true;
    this.#stopTimer();
    void this.#enter(isNew ? announced : 0).then((isIn) => {
      this.#isWaiting = false;
      if (!isIn || this.isOver) return;
      this.#pass(chunk);
      this.#stream.resume();
    });
  }

  #pass(chunk: Buffer): void {
    if (this.#missing === 0 && this.#headerLength === 0) this.#stopTimer();
    else this.#startTimer();
    this.#forward(chunk);
  }

  /** @returns how many messages begin in the chunk, and the bytes of the last of them, or of one that is too large */
  #read(chunk: Buffer): { readonly announced: number; readonly count: number } {
    let announced = 0;
    let count = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#missing > 0) {
        const part = Math.min(this.#missing, chunk.length - at);
        this.#missing -= part;
        at += part;
        if (this.#missing === 0) this.#leaveArriving();
        continue;
      }
      this.#header[this.#headerLength++] = chunk[at++];
      if (this.#headerLength < headerBytes) continue;
      this.#headerLength = 0;
      announced = this.#header.readUInt32BE(1);
      count += 1;
      this.#missing = announced;
      if (announced > this.#rules.maxBytes) break;
      if (this.#header[0] === 1 && this.#rules.isCompressed) this.#packed += 1;
    }
    return { announced, count };
  }

  /** @returns whether there was a place for what comes; else the call ended before */
  async #enter(bytes: number): Promise<boolean> {
    const { unpacking, room } = this.#means;
    const hold = (leave: (() => void) | undefined, keep: (leave: () => void) => void) => {
      if (leave === undefined) return false;
      if (this.isOver) leave();
      else keep(leave);
      return !this.isOver;
    };
    if (bytes > 0) {
      const leave = await this.#connection.arriving.take(this);
      if (!hold(leave, (left) => (this.#leaveArriving = left))) return false;
    }
    if (this.#packed > 0) {
      this.#leaveUnpacking();
      if (!hold(await unpacking.take(this), (left) => (this.#leaveUnpacking = left))) return false;
    }
    if (bytes === 0) return true;
    this.#leaveRoom();
    const sender = this.#connection;
    const leave = bytes < largeMessage ? room.hold(sender, bytes) : await room.take(this, sender, bytes);
    return hold(leave, (left) => (this.#leaveRoom = left));
  }

  #startTimer(): void {
    this.#timer ??= setTimeout(() => {
      this.#refuse(new GymwireError('MALFORMED', 'the request did not come in time'));
    }, this.#means.timeoutMs).unref();
  }

  #stopTimer(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #refuse(error: GymwireError): void {
    const stream = this.#stream;
    if (this.isOver || stream.destroyed) return;
    if (stream.headersSent) {
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    } else {
      stream.respond(refusal(toStatus(error)), { endStream: true });
      stream.close(constants.NGHTTP2_NO_ERROR);
    }
    this.#end();
  }

  readonly #end = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    this.#stopTimer();
    this.#leaveArriving();
    this.#leaveUnpacking();
    this.#leaveRoom();
    for (const callback of this.#ends) callback();
    this.#ends.clear();
  };
}
