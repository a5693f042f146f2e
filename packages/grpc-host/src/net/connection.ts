/** One TCP connection: how much of the server it is using, and whether anybody is still at its other end. */
import type { Socket } from 'node:net';
import { Places } from '../calls/line.ts';
import type { Sharer } from '../calls/loop-shares.ts';
import type { Reader } from '../calls/reply-room.ts';
import type { Sender } from '../calls/request-room.ts';

/** Requests that come in at the same time, each of which may be as large as a message may be. */
const arrivingAtOnce = 4;

/**
 * A frame of a type that HTTP/2 does not define, which every peer must ignore (RFC 9113, 4.1). Where nobody is left,
 * the second one is an error: Node stops reading from a connection that broke the protocol, and learns no other way.
 */
const ignoredFrame = Buffer.from([0, 0, 0, 0xfa, 0, 0, 0, 0, 0]);

/** In pulses, from its acceptance to the first frame of HTTP/2 or to the end of the handshake of TLS. */
const firstBytes = 10;
/** HTTP/2's preface and an empty frame of settings. */
const leastHello = 24 + 9;
/** In pulses. The pauses between beats double from the first to the last. */
const firstBeat = 2;
const lastPause = 64;
/** Time as long as grpc-js waits for the answer to a ping, and then some. */
const patience = 30;
/** More than pings: a reader's progress. */
const leastProgress = 256;

interface Kind {
  /** Without TLS, whose records have one writer. */
  readonly isPlain: boolean;
  /** Above the cap. */
  readonly isSurplus: boolean;
}

export interface ConnectedCall {
  /** Its request has come; a stream has attached. */
  hear(): void;
  /** Once. */
  end(): void;
}

export class Connection implements Sharer, Reader, Sender {
  usedMs = 0;
  lastMs = 0;
  unreadBytes = 0;
  requestBytes = 0;
  /** Watches of its health, by streams that are open. */
  watches = 0;
  /** It is only here to be told that there is no room for it. */
  readonly isSurplus: boolean;
  readonly arriving = new Places(arrivingAtOnce);
  /** The place for its compressed requests: one at a time is unpacked. */
  readonly unpacking = new Places(1);
  /** Calls that have arrived and not been opened. */
  opening = 0;
  /** Calls that have not begun their work. */
  waiting = 0;
  /** Streams that hold a session. */
  attached = 0;
  /** When its last call ended; before the first, when it was accepted. */
  usedAt = performance.now();
  /** It speaks HTTP/2 now. */
  isOpen = false;
  readonly #socket: Socket;
  readonly #isPlain: boolean;
  #bytesRead = 0;
  #bytesWritten = 0;
  #calls = 0;
  /** The ones of those that have asked for nothing yet. */
  #silentCalls = 0;
  #age = 0;
  #quietFor = 0;
  #nextBeat = firstBeat;
  #stalledFor = 0;

  /** @param socket as it was accepted */
  constructor(socket: Socket, { isPlain, isSurplus }: Kind) {
    this.#socket = socket;
    this.#isPlain = isPlain;
    this.isSurplus = isSurplus;
  }

  /** A call of this service has opened, or a stream. */
  beginCall(): ConnectedCall {
    this.#calls += 1;
    this.#silentCalls += 1;
    let isSilent = true;
    const hear = () => {
      if (isSilent) this.#silentCalls -= 1;
      isSilent = false;
    };
    const end = () => {
      hear();
      this.#calls -= 1;
      this.usedAt = performance.now();
    };
    return { hear, end };
  }

  /** Once a second. @returns whether it was ended, since it does not read what it asked for */
  feelPulse(): boolean {
    this.#age += 1;
    const { bytesRead, bytesWritten } = this.#socket;
    if (this.#isPlain && bytesRead >= leastHello) this.isOpen = true;
    if (!this.isOpen || this.isSurplus) {
      if (this.#age > firstBytes) this.end();
      return false;
    }
    this.#quietFor = bytesRead === this.#bytesRead ? this.#quietFor + 1 : 0;
    const isStalled = this.unreadBytes > 0 && bytesWritten - this.#bytesWritten < leastProgress;
    this.#stalledFor = isStalled ? this.#stalledFor + 1 : 0;
    this.#bytesRead = bytesRead;
    this.#bytesWritten = bytesWritten;
    if (this.#stalledFor >= patience) {
      this.end();
      return true;
    }
    this.#beat();
    return false;
  }

  /** Nothing would be lost with it. */
  get isIdle(): boolean {
    return this.#calls === this.#silentCalls;
  }

  /** Nobody is left to be answered, though its calls may not have heard of it yet. */
  get hasEnded(): boolean {
    return this.#socket.destroyed;
  }

  end(): void {
    this.#socket.destroy();
  }

  /** Those with a stream that holds a session have gRPC's pings; a client that thinks is left in peace. */
  #beat(): void {
    if (this.#quietFor === 0) this.#nextBeat = firstBeat;
    if (!this.#isPlain || this.attached > 0 || this.unreadBytes > 0) return;
    if (this.#quietFor < this.#nextBeat) return;
    this.#nextBeat += Math.min(this.#nextBeat, lastPause);
    this.#socket.write(ignoredFrame);
  }
}
