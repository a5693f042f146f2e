/** A network between a client and a server that takes its time: half of the round trip in each direction, whatever the amount. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DelayProxy {
  readonly address: string;
  setRoundTrip(ms: number): void;
  /** Ends every connection, and takes no other. */
  close(): void;
}

export async function startDelayProxy(target: string, roundTripMs: number): Promise<DelayProxy> {
  const at = target.lastIndexOf(':');
  const [host, port] = [target.slice(0, at), Number(target.slice(at + 1))];
  const sockets = new Set<Socket>();
  let oneWayMs = roundTripMs / 2;
  const pass = (bytes: Buffer, to: Socket) => {
    if (oneWayMs === 0) to.write(bytes);
    // Timers of one length keep their order, and so do the bytes.
    else setTimeout(() => void (to.destroyed || to.write(bytes)), oneWayMs);
  };
  const listener = createServer({ noDelay: true }, (near) => {
    const far = connect({ host, port, noDelay: true });
    near.on('data', (bytes: Buffer) => pass(bytes, far));
    far.on('data', (bytes: Buffer) => pass(bytes, near));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    setRoundTrip: (ms) => void (oneWayMs = ms / 2),
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
