/** A network that fails on purpose: forwards TCP to a server, and cuts or silences connections. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TcpProxy {
  /** What clients connect to instead of the server. */
  readonly address: string;
  /** Connections cut so far. */
  readonly cuts: number;
  /** In both directions. */
  readonly forwardedBytes: number;
  /** Where new connections lead from now on. */
  retarget(address: string): void;
  /** Ends all connections with a reset. */
  cut(): void;
  /** Forwards nothing any more on the connections that are open, and says nothing: a cable that was pulled. */
  silence(): void;
  /** The next connections are cut after so many bytes in both directions together, until the list is empty. */
  cutAfter(byteCounts: Iterable<number>): void;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  remaining: number;
  isSilent: boolean;
}

/** Ends with the test. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const links = new Set<Link>();
  let budgets: Iterator<number> | undefined;
  let cuts = 0;
  let forwardedBytes = 0;
  let [host, port] = splitAddress(target);

  const end = (link: Link) => {
    links.delete(link);
    link.client.resetAndDestroy();
    link.server.resetAndDestroy();
  };
  const forward = (link: Link, to: Socket, bytes: Buffer) => {
    if (link.isSilent) return;
    to.write(bytes.subarray(0, link.remaining));
    forwardedBytes += Math.min(bytes.length, link.remaining);
    link.remaining -= bytes.length;
    if (link.remaining > 0) return;
    cuts += 1;
    // What was written before the cut arrives; only what came after it is lost.
    to.end(() => end(link));
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ host, port, noDelay: true });
    const next = budgets?.next();
    const remaining = next === undefined || next.done === true ? Infinity : next.value;
    const link: Link = { client, server, remaining, isSilent: false };
    links.add(link);
    client.on('data', (bytes: Buffer) => forward(link, server, bytes));
    server.on('data', (bytes: Buffer) => forward(link, client, bytes));
    for (const socket of [client, server]) {
      socket.on('error', () => end(link));
      socket.on('close', () => {
        if (!link.isSilent) end(link);
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const bound = listener.address();
  if (bound === null || typeof bound === 'string') throw new Error('the proxy has no port');
  onTestFinished(() => {
    for (const link of links) end(link);
    listener.close();
  });
  return {
    address: `127.0.0.1:${bound.port}`,
    get cuts() {
      return cuts;
    },
    get forwardedBytes() {
      return forwardedBytes;
    },
    retarget(address) {
      [host, port] = splitAddress(address);
    },
    cut() {
      cuts += links.size;
      for (const link of links) end(link);
    },
    silence() {
      for (const link of links) link.isSilent = true;
    },
    cutAfter(byteCounts) {
      budgets = byteCounts[Symbol.iterator]();
    },
  };
}

function splitAddress(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at), Number(address.slice(at + 1))];
}
