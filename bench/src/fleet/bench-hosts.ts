import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HostsCpu, HostsReady, HostsRequest } from './hosts-process.ts';

export interface BenchHosts {
  readonly addresses: readonly string[];
  ask(request: Exclude<HostsRequest, { kind: 'cpu' }>): void;
  /** CPU time of their process so far. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

/** Starts servers, all in one process of their own, each behind a network of its own, or `direct`, behind none. */
export async function startHosts(count: number, roundTripMs: number | 'direct'): Promise<BenchHosts> {
  const path = fileURLToPath(new URL('./hosts-process.js', import.meta.url));
  const child = fork(path, [String(count), String(roundTripMs)]);
  const [{ addresses }] = (await once(child, 'message')) as [HostsReady];
  return {
    addresses,
    ask: (request) => void child.send(request),
    async cpuSeconds() {
      const answer = once(child, 'message');
      child.send({ kind: 'cpu' } satisfies HostsRequest);
      const [{ cpuSeconds }] = (await answer) as [HostsCpu];
      return cpuSeconds;
    },
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
