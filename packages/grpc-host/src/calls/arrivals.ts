/**
 * What comes in, of every method of every service: looked at between HTTP/2 and gRPC, which would read a message of any
 * service as far as the largest one may go, from as many calls as there are, for ever. A message has a place from when it is
 * announced, and room in memory for what has come of it; who announces nothing takes none. What has to wait goes back into
 * the stream, whose end then waits too.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Connection } from '../net/connection.ts';
import { type Ending, Places } from './line.ts';
import { breakOff, refusal } from './refusal.ts';
import { type Held, type Holder, RequestRoom } from './request-room.ts';
import { TwoReasons } from './two-reasons.ts';

/** From here on a message is dealt with before the next one is read; smaller ones may lie in line by the dozen. */
export const largeMessage = 2 ** 16;
/** Smaller ones than this arrive without a place. */
const noticeableMessage = 4096;
/** A message that does not come serves nobody: the first one, and each that has begun and does not go on. */
const arrivalTimeoutMs = 30_000;
/** Smaller compressed messages than this become a megabyte at most, and are unpacked at once. */
const largePacked = 1024;
/** Unpacking takes less; who does not read what was unpacked keeps no place. */
const unpackingMs = 2000;
const headerBytes = 5;

/** Come and not dealt with, of all connections: from here on large messages wait. */
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
export class Arrival implements Ending, Holder {
  isOver = false;
  readonly sender: Connection;
  readonly #stream: ServerHttp2Stream;
  readonly #reading: TwoReasons;
  readonly #rules: ArrivalRules;
  readonly #means: Means;
  readonly #ends = new Set<() => void>();
  readonly #header = Buffer.alloc(headerBytes);
  #headerLength = 0;
  /** The message that is coming: compressed or not, and how long. */
  #isPacked = false;
  #length = 0;
  /** Bytes that are missing of it. */
  #missing = 0;
  /** Messages that have come, and gRPC has not handed over. */
  #undelivered = 0;
  /** The chunk that comes next has waited already. */
  #isNext = false;
  /** A message has to come, or to go on. */
  #isDue = false;
  readonly #held: Held;
  #timer: NodeJS.Timeout | undefined;
  #unpackingTimer: NodeJS.Timeout | undefined;
  #leaveArriving = noop;
  #leaveUnpacking = noop;
  #forward: Receive = noop;

  constructor(stream: ServerHttp2Stream, connection: Connection, rules: ArrivalRules, means: Means) {
    this.#stream = stream;
    this.sender = connection;
    this.#rules = rules;
    this.#means = means;
    this.#held = means.room.open(this);
    this.#reading = new TwoReasons(stream, (isReading) => {
      // What is not read, by whomever, is nobody's delay but ours.
      if (!isReading) this.#stopTimer();
      else if (this.#isDue) this.#startTimer();
    });
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
    this.#isDue = true;
    this.#startTimer();
  }

  onEnd(callback: () => void): () => void {
    if (this.isOver) callback();
    else this.#ends.add(callback);
    return () => void this.#ends.delete(callback);
  }

  /** gRPC has handed a message over. @param bytes that it takes as long as it is not dealt with */
  delivered(bytes: number): void {
    if (this.#undelivered > 0) this.#undelivered -= 1;
    this.#leaveUnpacking();
    if (bytes > 0) this.#held.atLeast(bytes);
    else this.dealtWith();
  }

  /** What came has been decoded, and its bytes are needed no more. */
  dealtWith(): void {
    if (this.#undelivered === 0) this.#held.keep(this.#missing > 0 ? this.#length - this.#missing : 0);
  }

  /** Others need the room that this call holds and does not use. */
  giveUp(): void {
    this.#refuse(
      new GymwireError('CAPACITY', 'others wait for the room that this request takes, and it does not go on'),
    );
  }

  readonly #receive = (chunk: Buffer): void => {
    // As most messages come: one, and whole.
    const isBetween = this.#missing === 0 && this.#headerLength === 0;
    const isWhole =
      isBetween && chunk.length >= headerBytes && chunk.length === headerBytes + chunk.readUInt32BE(1);
    if (isWhole && chunk.length <= this.#rules.maxBytes && !this.#rules.isCompressed) {
      this.#isDue = false;
      this.#stopTimer();
      this.#undelivered += 1;
      return this.#forward(chunk);
    }
    // gRPC reads on without asking only when it has ended the call.
    if (this.isOver) return undefined;
    if (this.#isNext) {
      this.#isNext = false;
      return this.#pass(chunk, this.#look(chunk));
    }
    return this.#take(chunk);
  };

  #take(chunk: Buffer): void {
    const { maxBytes, maxAtOnce } = this.#rules;
    const found = this.#look(chunk);
    if (found.count > maxAtOnce) {
      const message = `expected at most ${maxAtOnce} messages at once here, got ${found.count}`;
      return this.#refuse(new GymwireError('CAPACITY', message));
    }
    if (found.largest > maxBytes) {
      const message = `expected a message of at most ${maxBytes} bytes here, got one of ${found.largest}`;
      return this.#refuse(new GymwireError('CAPACITY', message));
    }
    // A message that goes on has its place.
    const isNew = found.count > 0 && found.missing > 0 && found.length >= noticeableMessage;
    const bytes = found.length >= noticeableMessage || this.#missing > 0 ? chunk.length : 0;
    const unpacks = found.unpacks && this.#rules.isCompressed && maxBytes > largeMessage;
    const place = isNew ? this.#takeFreePlace() : true;
    if (place && !unpacks && this.#held.tryAdd(bytes)) return this.#pass(chunk, found);
    this.#reading.hold();
    this.#stream.unshift(chunk);
    void this.#enter(!place, unpacks, bytes).then((isIn) => {
      if (!isIn || this.isOver) return;
      this.#isNext = true;
      this.#reading.release();
    });
    return undefined;
  }

  #look(chunk: Buffer): Found {
    return look(chunk, {
      missing: this.#missing,
      length: this.#length,
      header: this.#header.subarray(0, this.#headerLength),
      isPacked: this.#isPacked,
      maxBytes: this.#rules.maxBytes,
    });
  }

  #takeFreePlace(): boolean {
    this.#leaveArriving();
    const leave = this.sender.arriving.takeFree();
    if (leave !== undefined) this.#leaveArriving = leave;
    return leave !== undefined;
  }

  /** It has its place, and room. */
  #pass(chunk: Buffer, found: Found): void {
    this.#missing = found.missing;
    this.#length = found.length;
    this.#isPacked = found.isPacked;
    this.#headerLength = found.header.length;
    this.#header.set(found.header);
    this.#undelivered += found.completed;
    this.#isDue = found.missing > 0 || found.header.length > 0;
    this.#stopTimer();
    if (this.#missing === 0) {
      this.#leaveArriving();
      this.#held.isArriving = false;
    }
    this.#forward(chunk);
    if (this.#isDue && this.#reading.isReading) this.#startTimer();
  }

  /** @returns whether there was a place for what comes; else the call ended before */
  async #enter(needsPlace: boolean, unpacks: boolean, bytes: number): Promise<boolean> {
    const hold = (leave: (() => void) | undefined, keep: (leave: () => void) => void) => {
      if (leave === undefined) return false;
      if (this.isOver) leave();
      else keep(leave);
      return !this.isOver;
    };
    if (needsPlace) {
      if (!hold(await this.sender.arriving.take(this), (left) => (this.#leaveArriving = left))) return false;
    }
    if (!(await this.#held.add(bytes))) return false;
    if (!unpacks) return true;
    this.#leaveUnpacking();
    const own = await this.sender.unpacking.take(this);
    if (own === undefined) return false;
    const leave = await this.#means.unpacking.take(this);
    if (leave === undefined || this.isOver) {
      own();
      leave?.();
      return false;
    }
    this.#leaveUnpacking = () => {
      clearTimeout(this.#unpackingTimer);
      leave();
      own();
    };
    this.#unpackingTimer = setTimeout(() => this.#leaveUnpacking(), unpackingMs).unref();
    return true;
  }

  #startTimer(): void {
    // What is left of a call that is over flows away, and its timer would keep all that gRPC has of it.
    if (this.isOver) return;
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
    if (this.isOver) return;
    this.#end();
    const stream = this.#stream;
    // gRPC would see a request end that had no message, and answer first.
    stream.removeAllListeners('end');
    // Node 26 forgets an answer to a frame that it is still reading when the stream is closed right behind it.
    setImmediate(() => {
      if (stream.destroyed || stream.closed) return;
      if (stream.headersSent) return breakOff(stream, toStatus(error));
      stream.respond(refusal(toStatus(error)), { endStream: true });
      stream.close(constants.NGHTTP2_NO_ERROR);
    });
  }

  readonly #end = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    this.#stopTimer();
    this.#leaveArriving();
    this.#leaveUnpacking();
    this.#held.end();
    this.#reading.release();
    for (const callback of this.#ends) callback();
    this.#ends.clear();
  };
}

type Found = ReturnType<typeof look>;

interface Looked {
  readonly missing: number;
  readonly length: number;
  readonly header: Buffer;
  readonly isPacked: boolean;
}

/**
 * What a chunk holds after what came before: how many messages begin and end in it, the longest of those that begin, and what is
 * left to come of the last one.
 */
function look(chunk: Buffer, before: Looked & { readonly maxBytes: number }) {
  let { missing, length, isPacked } = before;
  let header = before.header;
  let largest = 0;
  let count = 0;
  let completed = 0;
  let unpacks = false;
  const complete = () => {
    completed += 1;
    unpacks ||= isPacked && length >= largePacked;
  };
  for (let at = 0; at < chunk.length; ) {
    if (missing > 0) {
      const part = Math.min(missing, chunk.length - at);
      missing -= part;
      at += part;
      if (missing === 0) complete();
      continue;
    }
    const part = Math.min(headerBytes - header.length, chunk.length - at);
    header = Buffer.concat([header, chunk.subarray(at, at + part)]);
    at += part;
    if (header.length < headerBytes) break;
    length = header.readUInt32BE(1);
    isPacked = header[0] === 1;
    header = Buffer.alloc(0);
    count += 1;
    largest = Math.max(largest, length);
    missing = length;
    if (length > before.maxBytes) break;
    if (missing === 0) complete();
  }
  return { missing, length, header, isPacked, largest, count, completed, unpacks };
}
