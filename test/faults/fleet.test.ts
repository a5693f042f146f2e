/** A fleet whose hosts are slow, differ, are full, or go away: what its environments' user is told. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, connectFleet, type FleetEvent, type FleetOptions } from '@gymwire/agent-sdk';
import type { FleetClock, VectorStep } from '@gymwire/agent-sdk/parts';
import {
  type EnvRegistration,
  type EnvServer,
  type EnvServerOptions,
  startEnvServer,
} from '@gymwire/env-server';
import { isTensor, type Value } from '@gymwire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CountingOptions, countingRegistration } from '../support/counting-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function startHost(
  counting: Partial<CountingOptions> = {},
  options: Partial<EnvServerOptions> = {},
): Promise<EnvServer> {
  return startRegistered([countingRegistration('Counting-v0', { terminateAfter: 99, ...counting })], options);
}

async function startRegistered(
  envs: readonly EnvRegistration[],
  options: Partial<EnvServerOptions>,
): Promise<EnvServer> {
  const server = await startEnvServer({ envs, port: 0, drainTimeoutMs: 0, ...options });
  onTestFinished(() => server.shutdown());
  return server;
}

async function connectTo(hosts: readonly EnvServer[], options: FleetOptions = {}) {
  const events: FleetEvent[] = [];
  const fleet = await connectFleet(
    hosts.map(({ address }) => address),
    { reconnectTimeoutMs: 50, onFleet: (event) => events.push(event), ...options },
  );
  onTestFinished(() => fleet.close());
  return { fleet, events };
}

/** [step, first number of the last action] of each environment. */
function stepsOf(observation: Value): number[][] {
  if (!isTensor(observation)) throw new Error('expected a tensor');
  const numbers = [...observation.data].map((x) => Math.round(Number(x) * 100) / 100);
  return Array.from({ length: observation.shape[0] }, (_, i) => numbers.slice(3 * i + 1, 3 * i + 3));
}

/** Each environment's action: [first, 0]. */
const actions = (...first: number[]) => Float32Array.from(first.flatMap((a) => [a, 0]));

/** Time passes at once wherever somebody waits for it. */
const hurriedClock: FleetClock = { now: () => 0, sleep: () => Promise.resolve() };

/** A gate that steps wait at. */
function createGate() {
  let open: () => void = () => undefined;
  let waiting: Promise<void> | undefined;
  return {
    pass: async () => waiting,
    shut() {
      waiting = new Promise((resolve) => (open = resolve));
    },
    open() {
      open();
      waiting = undefined;
    },
  };
}

describe('a slow host', () => {
  it('elastic: is left out of a step, and tells in a later one what its own action led to, once', async () => {
    const gate = createGate();
    const hosts = [await startHost(), await startHost({ beforeStep: gate.pass })];
    const { fleet } = await connectTo(hosts, { mode: 'elastic', clock: hurriedClock });
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4, autoresetMode: 'same-step' });
    expect(env.places).toEqual({ mode: 'elastic', hosts: hosts.map(({ address }) => address) });
    await env.reset({ seed: 1 });
    gate.shut();
    const first = await env.step(actions(0.1, 0.2, 0.3, 0.4));
    expect(first).toMatchObject({ absent: [2, 3] });
    expect(stepsOf(first.observation).slice(0, 2)).toEqual([
      [1, 0.1],
      [1, 0.2],
    ]);
    const second: VectorStep = await env.step(actions(0.5, 0.6, 0.7, 0.8));
    expect(second).toMatchObject({ absent: [2, 3] });
    gate.open();
    let late = second;
    while (late.absent?.includes(2) === true) late = await env.step(actions(0, 0, -0.1, -0.2));
    // Step 1 with the action that was sent for it; those that came meanwhile were not taken.
    expect(stepsOf(late.observation).slice(2)).toEqual([
      [1, 0.3],
      [1, 0.4],
    ]);
  });

  it('elastic: that was slow before is not waited for again until it is in time', async () => {
    const gate = createGate();
    const hosts = [await startHost(), await startHost({ beforeStep: gate.pass })];
    let [now, waits] = [0, true];
    const clock: FleetClock = {
      now: () => now,
      // At first what is waited for is over at once, and later never: then only answers end a step.
      sleep: () => (waits ? Promise.resolve() : new Promise(() => undefined)),
    };
    const { fleet } = await connectTo(hosts, { mode: 'elastic', clock });
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4, autoresetMode: 'same-step' });
    await env.reset({ seed: 1 });
    gate.shut();
    expect(await env.step(actions(0, 0, 0, 0))).toMatchObject({ absent: [2, 3] });
    now = 1000;
    gate.open();
    let late: VectorStep = await env.step(actions(0, 0, 0, 0));
    while (late.absent?.includes(2) === true) late = await env.step(actions(0, 0, 0, 0));
    waits = false;
    gate.shut();
    expect(await env.step(actions(0, 0, 0, 0))).toMatchObject({ absent: [2, 3] });
    // In time once, it is waited for as all others are.
    gate.open();
    let told: VectorStep = await env.step(actions(0, 0, 0, 0));
    while (told.absent?.includes(2) === true) told = await env.step(actions(0, 0, 0, 0));
    for (let steps = 0; steps < 20; steps++) {
      expect(await env.step(actions(0, 0, 0, 0))).not.toHaveProperty('absent');
    }
  });

  it('strict: is waited for', async () => {
    const gate = createGate();
    const hosts = [await startHost(), await startHost({ beforeStep: gate.pass })];
    const { fleet } = await connectTo(hosts, { clock: hurriedClock });
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 2 });
    await env.reset({ seed: 1 });
    gate.shut();
    let isOver = false;
    const step = env.step(actions(0.1, 0.2)).finally(() => (isOver = true));
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    gate.open();
    expect(stepsOf((await step).observation)).toEqual([
      [1, 0.1],
      [1, 0.2],
    ]);
  });
});

it.each(['same-step', 'next-step'] as const)(
  'seeds that come with a step reach their environments, %s, and are refused before any host moves',
  async (autoresetMode) => {
    const hosts = [await startHost({ terminateAfter: 1 }), await startHost({ terminateAfter: 1 })];
    const { fleet } = await connectTo(hosts);
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 3, autoresetMode });
    const { observation: wanted } = await env.reset({ seeds: [11, 12, 13] });
    await env.reset({ seed: 1 });
    for (const nextSeeds of [
      [11, 12],
      [11, 12, -1],
      [11, 12, 0.5],
    ]) {
      await expect(env.step(actions(0, 0, 0), { nextSeeds })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
    const steps = [0, 1].map(() => env.step(actions(0, 0, 0), { nextSeeds: [11, 12, 13] }));
    const [first, second] = await Promise.all(steps);
    expect((autoresetMode === 'same-step' ? first : second).observation).toEqual(wanted);
  },
);

describe('a host that goes away', () => {
  it('loses its own environments’ episodes, which begin again elsewhere; the others’ step is told', async () => {
    const hosts = [await startHost(), await startHost()];
    const { fleet, events } = await connectTo(hosts);
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4, autoresetMode: 'same-step' });
    await env.reset({ seed: 1 });
    await env.step(actions(0.1, 0.1, 0.1, 0.1));
    await hosts[0].shutdown();
    const step = await env.step(actions(0.1, 0.2, 0.3, 0.4));
    expect(step).toMatchObject({ lost: [0, 1], terminated: [false, false, false, false] });
    expect(stepsOf(step.observation).slice(2)).toEqual([
      [2, 0.3],
      [2, 0.4],
    ]);
    expect(events).toEqual([
      expect.objectContaining({ type: 'lost', host: hosts[0].address }),
      { type: 'moved', host: hosts[1].address, envIndices: [0, 1] },
    ]);
    // Until they are reset they are lost, and nothing is asked of them.
    expect(await env.step(actions(0, 0, 0, 0))).toMatchObject({ lost: [0, 1] });
    const reset = await env.reset({ seeds: [1, 2, 3, 4], mask: [true, true, false, false] });
    expect(stepsOf(reset.observation).map(([at]) => at)).toEqual([0, 0, 3, 3]);
    const next = await env.step(actions(0.1, 0.2, 0.3, 0.4));
    expect(stepsOf(next.observation).map(([at]) => at)).toEqual([1, 1, 4, 4]);
    expect(next).not.toHaveProperty('lost');
  });

  it('in a reset of all of its environments is made up for there', async () => {
    const hosts = [await startHost(), await startHost()];
    const { fleet } = await connectTo(hosts);
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4 });
    const first = await env.reset({ seed: 1 });
    await hosts[1].shutdown();
    const again = await env.reset({ seed: 1 });
    expect(again.observation).toEqual(first.observation);
    expect(env.places?.hosts).toEqual([hosts[0].address]);
  });

  it('with no room elsewhere: is waited for until that is given up', async () => {
    const hosts = [await startHost(), await startHost({}, { maxTotalEnvs: 2 })];
    const { fleet } = await connectTo(hosts, { reconnectSignal: AbortSignal.timeout(500) });
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4 });
    await env.reset({ seed: 1 });
    await hosts[0].shutdown();
    await expect(env.step(actions(0, 0, 0, 0))).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

/** A host in the place of one that has gone. */
const startAt = (gone: EnvServer, counting: Partial<CountingOptions> = {}, maxEpisodeSteps = 100) =>
  startRegistered(
    [{ ...countingRegistration('Counting-v0', { terminateAfter: 99, ...counting }), maxEpisodeSteps }],
    { port: Number(gone.address.split(':')[1]) },
  );

describe('a host that could not be used when it was asked', () => {
  it('full as the fleet connected, is used once others have left it', async () => {
    const full = await startHost({}, { maxSessions: 1 });
    const hosts = [await startHost({}, { maxTotalEnvs: 4 }), full];
    const stranger = await connect(full.address);
    onTestFinished(() => stranger.close());
    const strangers = await stranger.makeVector('Counting-v0', { numEnvs: 1 });
    const { fleet, events } = await connectTo(hosts);
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4 });
    expect(env.places?.hosts).toEqual([hosts[0].address]);
    await strangers.close();
    // Whatever is made later: without a loss, too.
    await (await fleet.makeVector('Counting-v0', { numEnvs: 2 })).close();
    await env.reset({ seed: 1 });
    await hosts[0].shutdown();
    await expect(env.step(actions(0, 0, 0, 0))).rejects.toMatchObject({ code: 'EPISODE_LOST' });
    expect(events.at(-1)).toEqual({ type: 'moved', host: full.address, envIndices: [0, 1, 2, 3] });
  });

  /** The second of two hosts comes back as another one, and is refused for that. */
  async function refuseSecond(options: FleetOptions) {
    const hosts = [await startHost({}, { maxTotalEnvs: 4 }), await startHost()];
    const { fleet, events } = await connectTo(hosts, { reconnectTimeoutMs: 500, ...options });
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4 });
    await env.reset({ seed: 1 });
    await hosts[1].shutdown();
    const other = await startAt(hosts[1], {}, 50);
    expect(await env.step(actions(0, 0, 0, 0))).toMatchObject({ lost: [2, 3] });
    const reason = 'its Counting-v0 differs: maxEpisodeSteps';
    expect(events).toContainEqual({ type: 'refused', host: other.address, reason });
    return { hosts, other, fleet, events, env, reason };
  }

  it('refused, is named where there is no place', async () => {
    const { fleet, other, reason } = await refuseSecond({});
    expect(fleet.hosts).not.toContain(other.address);
    await expect(fleet.makeVector('Counting-v0', { numEnvs: 1 })).rejects.toMatchObject({
      code: 'CAPACITY',
      message: expect.stringContaining(`${other.address}: ${reason}`) as string,
    });
  });

  it('refused, is tried again once it is mended', async () => {
    const { hosts, other, events, env } = await refuseSecond({ watchIntervalMs: 20 });
    await other.shutdown();
    await startAt(hosts[1]);
    await hosts[0].shutdown();
    await expect(env.step(actions(0, 0, 0, 0))).rejects.toMatchObject({ code: 'EPISODE_LOST' });
    expect(events).toContainEqual({ type: 'joined', host: other.address });
    expect(events.at(-1)).toMatchObject({ type: 'moved', host: other.address });
  });
});

describe('hosts that differ', () => {
  it('are refused by name, with what differs', async () => {
    const hosts = [await startHost(), await startHost()];
    const other = await startEnvServer({
      envs: [{ ...countingRegistration('Counting-v0', { terminateAfter: 9 }), maxEpisodeSteps: 50 }],
      port: 0,
    });
    onTestFinished(() => other.shutdown());
    const { fleet } = await connectTo([...hosts, other]);
    await expect(fleet.makeVector('Counting-v0', { numEnvs: 3 })).rejects.toMatchObject({
      code: 'ENV_MISMATCH',
      message: `Counting-v0: maxEpisodeSteps at ${other.address} is not that at ${hosts[0].address}; the hosts of a fleet must make the same environment`,
    });
  });

  it('get shares by the capacity that they tell, and say what is left', async () => {
    const hosts = [
      await startHost({}, { capacity: 1 }),
      await startHost({}, { capacity: 3, maxSessions: 1 }),
    ];
    const { fleet } = await connectTo(hosts);
    await fleet.makeVector('Counting-v0', { numEnvs: 8 });
    const free = hosts.map(async ({ address }) => {
      const connection = await connect(address);
      connection.close();
      return connection.server.freeEnvs;
    });
    // With all sessions taken there is room for none.
    expect(await Promise.all(free)).toEqual([4096 - 2, 0]);
  });

  it('get what fits: what is full sends the others', async () => {
    const hosts = [await startHost({}, { maxTotalEnvs: 1 }), await startHost()];
    const { fleet } = await connectTo(hosts);
    const env = await fleet.makeVector('Counting-v0', { numEnvs: 4 });
    expect(env.numEnvs).toBe(4);
    await env.reset({ seed: 1 });
    expect(stepsOf((await env.step(actions(0.1, 0.2, 0.3, 0.4))).observation)).toHaveLength(4);
  });
});

describe('a list of servers', () => {
  it('may name hosts that are not there yet: they are told, and used once they are', async () => {
    const here = await startHost();
    const gone = await startHost();
    await gone.shutdown();
    const serversFile = join(temporaryFolder(), 'servers');
    writeFileSync(serversFile, `${here.address}\n${gone.address}\n`, { mode: 0o600 });
    const events: FleetEvent[] = [];
    let hear: () => void = () => undefined;
    const joined = new Promise<void>((resolve) => (hear = resolve));
    const fleet = await connectFleet(
      { serversFile },
      {
        watchIntervalMs: 20,
        onFleet(event) {
          events.push(event);
          if (event.type === 'joined') hear();
        },
      },
    );
    onTestFinished(() => fleet.close());
    expect(fleet.hosts).toEqual([here.address]);
    expect(events).toEqual([expect.objectContaining({ type: 'lost', host: gone.address })]);
    const back = await startHost({}, { port: Number(gone.address.split(':')[1]) });
    await joined;
    expect(fleet.hosts).toEqual([here.address, back.address]);
  });

  it('may have a name that nobody knows: it is told as a host that is away, and alone it is an error', async () => {
    const here = await startHost();
    const nobody = 'dns:///nobody.invalid:1';
    const events: FleetEvent[] = [];
    const onFleet = (event: FleetEvent) => events.push(event);
    const fleet = await connectFleet([nobody, here.address], { onFleet });
    onTestFinished(() => fleet.close());
    expect(fleet.hosts).toEqual([here.address]);
    expect(events).toEqual([
      { type: 'lost', host: nobody, reason: expect.stringMatching(/^dns:.*: no addresses: /) },
    ]);
    await expect(connectFleet([nobody])).rejects.toThrow(/no addresses/);
  });

  it('without anybody who answers is an error, and so is one that wants a token', async () => {
    const gone = await startHost();
    await gone.shutdown();
    await expect(connectFleet([gone.address])).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' });
    const closed = await startHost({}, { token: 'a-token-of-sixteen' });
    await expect(connectFleet([(await startHost()).address, closed.address])).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await expect(connectFleet([])).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});
