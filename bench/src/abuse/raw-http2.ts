/** HTTP/2 by hand, for what no library's client would send. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const settings = frame(frameTypes.settings, 0, 0, Buffer.alloc(0));
/** What every client says first. */
export const hello = Buffer.concat([preface, settings]);

/** Flags. */
const endStream = 1;
export const endHeaders = 4;

/** HPACK without its table: every header in full. */
function header(name: string, value: string): Buffer {
  const text = (content: string) => Buffer.concat([integer(content.length), Buffer.from(content, 'latin1')]);
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

/** With a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.of(...bytes, rest);
}

export function headerBlock(method: string, extra: ReadonlyArray<readonly [string, string]> = []): Buffer {
  return Buffer.concat([
    header(':method', 'POST'),
    header(':scheme', 'http'),
    header(':path', `/gymwire.v1.EnvService/${method}`),
    header(':authority', 'abuse'),
    header('content-type', 'application/grpc'),
    header('te', 'trailers'),
    ...extra.map(([name, value]) => header(name, value)),
  ]);
}

/** A call's opening. */
export function open(
  stream: number,
  method: string,
  extra?: ReadonlyArray<readonly [string, string]>,
): Buffer {
  return frame(frameTypes.headers, endHeaders, stream, headerBlock(method, extra));
}

/** A message as gRPC frames it, in as many frames of HTTP/2 as it takes. */
export function message(
  stream: number,
  bytes: Buffer,
  options: { compressed?: boolean; end?: boolean } = {},
): Buffer {
  const head = Buffer.alloc(5);
  head[0] = options.compressed === true ? 1 : 0;
  head.writeUInt32BE(bytes.length, 1);
  const whole = Buffer.concat([head, bytes]);
  const frames: Buffer[] = [];
  for (let at = 0; at < whole.length; at += 16_384) {
    const part = whole.subarray(at, at + 16_384);
    const isLast = at + 16_384 >= whole.length;
    frames.push(frame(frameTypes.data, options.end === true && isLast ? endStream : 0, stream, part));
  }
  return Buffer.concat(frames);
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A connection that reads nothing unless it is told to. */
export async function dial({ host, port }: Target): Promise<Socket> {
  const socket = connect({ host, port });
  // What becomes of it is the server's to decide.
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** Writes, waits a moment for whatever comes, and hangs up. */
export async function hitAndRun(target: Target, bytes: Buffer, pauseMs = 1): Promise<void> {
  const socket = await dial(target);
  if (!socket.destroyed) socket.write(bytes);
  if (pauseMs > 0) await sleep(pauseMs);
  socket.destroy();
}
