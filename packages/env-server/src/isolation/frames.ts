/**
 * What travels between a server and a session's process: frames over a pipe, each a length, a kind and a body. Values
 * that have rows travel as the rows' bytes, all else as what `node:v8` makes of messages.
 */

/** Frames of the server. */
export const toProcess = {
  /** HostData; the first frame. */
  start: 1,
  /** Actions, as the region of the rows. */
  step: 2,
  /** A HostRequest. */
  message: 3,
  /** Empty, and without an answer. */
  detach: 4,
  /** A ScanRequest; instead of all else. The answer is a message with PortableRegistrations. */
  scan: 5,
  /** Actions and the seeds of resets, as the regions of the rows. */
  seededStep: 6,
} as const;

/** Frames of the process: which parts the answer to a call has, in this order. */
export const fromProcess = {
  state: 1,
  infos: 2,
  finals: 4,
  /** A HostReply; the rest of the frame. */
  message: 8,
  /** A PortableError, and no other part: nobody caught it, and the process ends. */
  fault: 16,
} as const;

const headerBytes = 5;
/** What no session needs: its pictures and infos are held to less. */
const maxBodyBytes = 2 ** 30;

export function frame(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    0,
  );
  header[4] = kind;
  return Buffer.concat([header, ...parts]);
}

/** Takes bytes as they come, gives frames as they were sent. */
export class FrameReader {
  readonly #onFrame: (kind: number, body: Buffer) => void;
  #chunks: Buffer[] = [];
  #byteLength = 0;
  /** Bytes without which nothing can be said. */
  #wanted = headerBytes;

  constructor(onFrame: (kind: number, body: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws Error for what is no frame, and what `onFrame` throws */
  take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.length;
    if (this.#byteLength < this.#wanted) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#chunks = [];
    while (bytes.length >= headerBytes) {
      const end = headerBytes + bodyLength(bytes);
      this.#wanted = end;
      if (bytes.length < end) break;
      this.#wanted = headerBytes;
      const body = bytes.subarray(headerBytes, end);
      const kind = bytes[4];
      bytes = bytes.subarray(end);
      this.#onFrame(kind, body);
    }
    this.#byteLength = bytes.length;
    if (bytes.length > 0) this.#chunks.push(bytes);
  }
}

function bodyLength(bytes: Buffer): number {
  const length = bytes.readUInt32LE(0);
  if (length <= maxBodyBytes) return length;
  throw new Error(`expected a frame of at most ${maxBodyBytes} bytes, got one of ${length}`);
}
