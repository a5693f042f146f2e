/** Many servers in one process, each behind a delay of its own: `hosts-process.js <count> <round trip ms>`; tells their addresses. */
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { benchEnvs } from '../train/bench-envs.ts';
import { blockingEnv } from './blocking-env.ts';
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts';

/** What the bench asks for. */
export type HostsRequest =
  /** Ends these servers, without a word to their clients. */
  | { readonly kind: 'kill'; readonly hosts: readonly number[] }
  /** The way to this server takes so long from now on. */
  | { readonly kind: 'delay'; readonly host: number; readonly roundTripMs: number };

export interface HostsReady {
  readonly addresses: readonly string[];
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
  proxies.push(await startDelayProxy(server.address, Number(delay)));
}
process.on('message', (request: HostsRequest) => {
  if (request.kind === 'delay') proxies[request.host].setRoundTrip(request.roundTripMs);
  else for (const host of request.hosts) proxies[host].close();
});
process.on('disconnect', () => process.exit());
const ready: HostsReady = { addresses: proxies.map(({ address }) => address) };
process.send?.(ready);
