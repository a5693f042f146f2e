/** What happens to a run's servers, as its events.jsonl and timing.jsonl have it. */
import { join } from 'node:path';
import {
  connect,
  connectFleet,
  type FleetEvent,
  type FleetOptions,
  type TrainOptions,
} from '@gymwire/agent-sdk';
import { eventsDictionary, type FleetClock } from '@gymwire/agent-sdk/parts';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { expect, it, onTestFinished } from 'vitest';
import { countingRegistration } from '../support/counting-env.ts';
import { localEnvs } from '../support/local-env.ts';
import { readLines } from '../support/run-files.ts';
import { trainSmall } from '../support/small-training.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const counting: Partial<TrainOptions> = { envId: 'Counting-v0', maxEpisodeSteps: null, totalEnvSteps: 300 };

async function startHost(port = 0, beforeStep?: () => Promise<void>): Promise<EnvServer> {
  const server = await startEnvServer({
    envs: [countingRegistration('Counting-v0', { terminateAfter: 20, ...(beforeStep && { beforeStep }) })],
    port,
    drainTimeoutMs: 0,
  });
  onTestFinished(() => server.shutdown());
  return server;
}

const portOf = ({ address }: EnvServer) => Number(address.slice(address.lastIndexOf(':') + 1));

/** A run of counting environments into a folder of its own. @param moments what happens after so many steps, once each */
async function trainInto(
  where: Parameters<typeof trainSmall>[0],
  options: Partial<TrainOptions> = {},
  moments: ReadonlyArray<readonly [envSteps: number, happens: () => unknown]> = [],
): Promise<string> {
  const runFolder = join(temporaryFolder(), 'run');
  const ahead = [...moments];
  const { status } = await trainSmall(
    where,
    { ...counting, ...options },
    {
      runFolder,
      async onProgress(event) {
        const [next] = ahead;
        if (next === undefined || event.type !== 'step' || event.envSteps < next[0]) return;
        ahead.shift();
        await next[1]();
      },
    },
  );
  expect(status).toBe('completed');
  return runFolder;
}

/** Without their times; whatever happened has the fields that are documented, and no others. */
function eventsOf(folder: string, type: string) {
  const lines = readLines(folder, 'events');
  for (const line of lines) {
    const fields = eventsDictionary[line['type'] as keyof typeof eventsDictionary];
    expect(new Set(Object.keys(line))).toEqual(new Set(['type', ...Object.keys(fields)]));
  }
  return lines
    .filter((event) => event['type'] === type)
    .map((event) => Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'time')));
}

async function connectHosts(hosts: readonly EnvServer[], options: FleetOptions) {
  const addresses = hosts.map(({ address }) => address);
  const fleet = await connectFleet(addresses, { reconnectTimeoutMs: 50, ...options });
  onTestFinished(() => fleet.close());
  return fleet;
}

it('a connection that breaks and holds again is told once, as what it is', async () => {
  const proxy = await startTcpProxy((await startHost()).address);
  const connection = await connect(proxy.address);
  onTestFinished(() => connection.close());
  const folder = await trainInto(connection, {}, [[200, () => proxy.cut()]]);
  const told = eventsOf(folder, 'connection');
  expect(told[0]).toEqual({
    type: 'connection',
    envSteps: 200,
    state: 'broken',
    envId: 'Counting-v0',
    reason: expect.stringContaining(proxy.address) as string,
  });
  // Training's session, and that of evaluations.
  for (const state of ['broken', 'attached']) {
    expect(told.filter((event) => event.state === state)).toHaveLength(2);
  }
  expect(eventsOf(folder, 'notice')).toEqual([]);
});

it('a host of a fleet that is lost and comes back: its episodes, where its environments went, and that it is there again', async () => {
  const hosts = [await startHost(), await startHost()];
  let join: () => void = () => undefined;
  const joined = new Promise<void>((resolve) => (join = resolve));
  const onFleet = ({ type }: FleetEvent) => void (type === 'joined' && join());
  const fleet = await connectHosts(hosts, { watchIntervalMs: 20, onFleet });
  const folder = await trainInto(fleet, { numEnvs: 4, evaluationEpisodes: 1 }, [
    [200, () => hosts[1].shutdown()],
    [
      240,
      async () => {
        await startHost(portOf(hosts[1]));
        await joined;
      },
    ],
  ]);
  const told = eventsOf(folder, 'host');
  const host = hosts[1].address;
  expect(told[0]).toEqual({
    type: 'host',
    envSteps: 200,
    state: 'lost',
    host,
    reason: expect.any(String) as string,
    envIndices: null,
  });
  expect(told.slice(1)).toEqual([
    { ...told[0], envSteps: 200, state: 'moved', host: hosts[0].address, reason: null, envIndices: [2, 3] },
    { ...told[0], envSteps: 242, state: 'joined', reason: null },
  ]);
  expect(eventsOf(folder, 'broken').map(({ envIndex }) => envIndex)).toEqual([2, 3]);
});

it('a host of an elastic fleet that a step went on without is told once', async () => {
  let open: () => void = () => undefined;
  let waiting: Promise<void> | undefined;
  const hosts = [await startHost(), await startHost(0, async () => waiting)];
  const clock: FleetClock = { now: () => 0, sleep: () => Promise.resolve() };
  const fleet = await connectHosts(hosts, { mode: 'elastic', clock });
  const folder = await trainInto(fleet, { numEnvs: 4, evaluationInterval: 300 }, [
    [160, () => void (waiting = new Promise((resolve) => (open = resolve)))],
    [220, () => open()],
  ]);
  // By this clock whoever answers second is slow, the other host as well where this machine has other things to do.
  const { address: host } = hosts[1];
  expect(eventsOf(folder, 'host').filter((event) => event['host'] === host)).toEqual([
    expect.objectContaining({ state: 'slow', host, reason: null, envIndices: null }),
  ]);
});

it('the wire has its own share of the time, and none in process', async () => {
  const connection = await connect((await startHost()).address);
  onTestFinished(() => connection.close());
  const wireSeconds = (folder: string) =>
    readLines(folder, 'timing').map((line) => Number(line['wireSeconds']));
  const remote = wireSeconds(await trainInto(connection));
  expect(remote.length).toBeGreaterThan(4);
  // The last interval has an evaluation alone.
  for (const seconds of remote.slice(0, -1)) expect(seconds).toBeGreaterThan(0);
  const local = await trainInto(localEnvs('same-step'), { envId: 'Pendulum-v1' });
  for (const seconds of wireSeconds(local)) expect(seconds).toBe(0);
});
