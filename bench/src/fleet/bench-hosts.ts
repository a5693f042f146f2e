import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HostsReady, HostsRequest } from './hosts-process.ts';

export interface BenchHosts {
  readonly addresses: readonly string[];
  ask(request: HostsRequest): void;
  close(): Promise<void>;
}

/** Starts servers, all in one process of their own, each behind a network of its own. */
export async function startHosts(count: number, roundTripMs: number): Promise<BenchHosts> {
  const path = fileURLToPath(new URL('./hosts-process.js', import.meta.url));
  const child = fork(path, [String(count), String(roundTripMs)]);
  const [{ addresses }] = (await once(child, 'message')) as [HostsReady];
  return {
    addresses,
    ask: (request) => void child.send(request),
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
