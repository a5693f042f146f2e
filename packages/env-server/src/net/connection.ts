/** One TCP connection: how much of the server it is using, and whether anybody is still at its other end. */
import type { Socket } from 'node:net';
import { Places } from '../service/line.ts';
import type { Sharer } from '../service/loop-shares.ts';
import type { Reader } from '../service/reply-room.ts';

/** Requests that come in at the same time, each of which may be as large as a message may be. */
const arrivingAtOnce = 4;

/**
 * A frame of a type that HTTP/2 does not define, which every peer must ignore (RFC 9113, 4.1). Where nobody is left,
 * the second one is an error: Node stops reading from a connection that broke the protocol, and learns no other way.
 */
const ignoredFrame = Buffer.from([0, 0, 0, 0xfa, 0, 0, 0, 0, 0]);

/** In pulses, from its acceptance to the preface of HTTP/2, with the handshake of TLS. */
const firstBytes = 10;
/** In pulses. The pauses between beats double from the first to the last. */
const firstBeat = 2;
const lastPause = 64;
/** As long as grpc-js waits for the answer to a ping, and then some. */
const patience = 30;
/** More than pings: a reader's progress. */
const leastProgress = 256;

export class Connection implements Sharer, Reader {
  usedMs = 0;
  unreadBytes = 0;
  readonly arriving = new Places(arrivingAtOnce);
  /** Calls and streams of this service under way. */
  calls = 0;
  /** Of those, the ones that have not begun their work. */
  waiting = 0;
  /** Streams that hold a session. */
  attached = 0;
  /** It has made a call at some time. */
  wasUsed = false;
  /** It speaks HTTP/2 now. */
  isOpen = false;
  readonly #socket: Socket;
  readonly #canBeat: boolean;
  #bytesRead = 0;
  #bytesWritten = 0;
  #age = 0;
  #quietFor = 0;
  #nextBeat = firstBeat;
  #stalledFor = 0;

  /** @param socket as it was accepted @param canBeat not under TLS, whose records have one writer */
  constructor(socket: Socket, canBeat: boolean) {
    this.#socket = socket;
    this.#canBeat = canBeat;
  }

  /** Once a second. @returns whether it was ended, since it does not read what it asked for */
  feelPulse(): boolean {
    this.#age += 1;
    if (!this.isOpen) {
      if (this.#age > firstBytes) this.end();
      return false;
    }
    const { bytesRead, bytesWritten } = this.#socket;
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

  end(): void {
    this.#socket.destroy();
  }

  /** Those with a stream that holds a session have gRPC's pings; a client that thinks is left in peace. */
  #beat(): void {
    if (this.#quietFor === 0) this.#nextBeat = firstBeat;
    if (!this.#canBeat || this.attached > 0 || this.unreadBytes > 0) return;
    if (this.#quietFor < this.#nextBeat) return;
    this.#nextBeat += Math.min(this.#nextBeat, lastPause);
    this.#socket.write(ignoredFrame);
  }
}
