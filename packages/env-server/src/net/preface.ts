/** The first bytes of a connection: HTTP/2's preface, or somebody who is wrong here. */
import type { Socket } from 'node:net';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Browsers, curl and TLS clients make more of these words than of a connection that just ends. */
const wrongHere = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: text/plain',
  'Connection: close',
  '',
  'This port speaks gRPC, which is HTTP/2 from the first byte.',
  '',
].join('\r\n');

/**
 * Waits for the preface and leaves it unread.
 * @param open called when it has come; others are told and ended
 */
export function awaitPreface(socket: Socket, open: () => void): void {
  let seen = Buffer.alloc(0);
  const look = () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    seen = Buffer.concat([seen, bytes]);
    const length = Math.min(seen.length, preface.length);
    if (seen.compare(preface, 0, length, 0, length) !== 0) {
      socket.off('readable', look);
      socket.end(wrongHere, () => socket.destroy());
    } else if (length === preface.length) {
      socket.off('readable', look);
      socket.unshift(seen);
      open();
    }
  };
  socket.on('readable', look);
}
