/**
 * Many servers in one process, `hosts-process.js <count> <round trip ms>`: each behind a delay of its own, or, with "direct" in
 * its place, behind nothing. Tells their addresses.
 */
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { benchEnvs } from '../train/bench-envs.ts';
import { blockingEnv } from './blocking-env.ts';
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts';

/** What the bench asks for. */
export type HostsRequest =
  /** Ends these servers, without a word to their clients. */
  | { readonly kind: 'kill'; readonly hosts: readonly number[] }
  /** The way to this server takes so long from now on. */
  | { readonly kind: 'delay'; readonly host: number; readonly roundTripMs: number }
  /** How much CPU time this process has used. */
  | { readonly kind: 'cpu' };

export interface HostsReady {
  readonly addresses: readonly string[];
}

/** The answer to `cpu`. */
export interface HostsCpu {
  readonly cpuSeconds: number;
}

const [count = '1', delay = '0'] = process.argv.slice(2);
const servers: EnvServer[] = [];
const proxies: DelayProxy[] = [];
for (let i = 0; i < Number(count); i++) {
  const server = await startEnvServer({
    port: 0,
    envs: [...benchEnvs, blockingEnv],
    envThreads: 1,
    drainTimeoutMs: 0,
  });
  servers.push(server);
  if (delay !== 'direct') proxies.push(await startDelayProxy(server.address, Number(delay)));
}
process.on('message', (request: HostsRequest) => {
  if (request.kind === 'delay') proxies[request.host].setRoundTrip(request.roundTripMs);
  else if (request.kind === 'kill') for (const host of request.hosts) proxies[host].close();
  else {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuSeconds: (user + system) / 1e6 } satisfies HostsCpu);
  }
});
process.on('disconnect', () => process.exit());
const reached = delay === 'direct' ? servers : proxies;
const ready: HostsReady = { addresses: reached.map(({ address }) => address) };
process.send?.(ready);
