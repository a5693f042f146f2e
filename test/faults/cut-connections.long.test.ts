/** Connections that break: no step is carried out twice, none is lost, and no run is another for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ConnectOptions,
  connect,
  type ProgressEvent,
  type ReconnectEvent,
  type TrainOptions,
} from '@gymwire/agent-sdk';
import { createRandomStream, runFilePath } from '@gymwire/agent-sdk/parts';
import { type EnvRegistration, type EnvServer, startEnvServer } from '@gymwire/env-server';
import { type AutoresetMode, type GymwireError, isTensor } from '@gymwire/protocol';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFaultyServer } from '../support/faulty-server.ts';
import { readLines } from '../support/run-files.ts';
import { serveCounting } from '../support/server.ts';
import { smallRun, trainSmall } from '../support/small-training.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

/** Byte counts between cuts, some of them within a handshake. */
function randomBudgets(seed: number, count: number, meanBytes: number): number[] {
  const stream = createRandomStream(seed, 'cuts');
  return Array.from({ length: count }, () => 1 + stream.integer(2 * meanBytes));
}

/** A client behind a proxy; what became of its connections. */
async function connectThrough(server: EnvServer, options: ConnectOptions = {}) {
  const proxy = await startTcpProxy(server.address);
  const events: ReconnectEvent['type'][] = [];
  const onReconnect = (event: ReconnectEvent) => void events.push(event.type);
  const connection = await connect(proxy.address, { connectTimeoutMs: 20_000, ...options, onReconnect });
  onTestFinished(() => connection.close());
  return { proxy, connection, events };
}

describe('200 cuts in 20 000 steps', () => {
  it.each([1, 2])('apply each step once, seed %i', async (seed) => {
    const [steps, cuts] = [20_000, 200];
    let carriedOut = 0;
    const beforeStep = async () => {
      carriedOut += 1;
    };
    const { server } = await serveCounting({ terminateAfter: Infinity, beforeStep });
    const { proxy, connection } = await connectThrough(server);
    const env = await connection.make('Counting-v0', { maxEpisodeSteps: 0 });
    await env.reset({ seed: 1 });
    proxy.cutAfter(randomBudgets(seed, cuts, 6_000));
    proxy.cut();
    for (let i = 1; i <= steps; i++) {
      const action = (i % 100) / 100;
      const { observation, info } = await env.step([action, 0]);
      const [, step, seen] = isTensor(observation) ? observation.data : [];
      expect([step, seen, info]).toEqual([i, Math.fround(action), { step: BigInt(i) }]);
    }
    expect(proxy.cuts).toBe(cuts + 1);
    expect(carriedOut).toBe(steps);
    expect(server.sessionCount).toBe(1);
  });

  it('apply each step of a vector session once, whichever mode starts its episodes', async () => {
    let carriedOut = 0;
    const beforeStep = async () => {
      carriedOut += 1;
    };
    const { server } = await serveCounting({ terminateAfter: 7, beforeStep });
    const { proxy, connection } = await connectThrough(server);
    for (const autoresetMode of ['same-step', 'next-step'] as const) {
      const play = async (onMade: () => void) => {
        const envs = await connection.makeVector('Counting-v0', { numEnvs: 3, autoresetMode });
        onMade();
        const replies: unknown[] = [await envs.reset({ seed: 5 })];
        for (let i = 0; i < 300; i++) replies.push(await envs.step(new Float32Array(6).fill((i % 10) / 10)));
        await envs.close();
        return replies;
      };
      const whole = await play(() => undefined);
      const steps = carriedOut;
      const broken = play(() => {
        proxy.cutAfter(randomBudgets(3, 20, 3_000));
        proxy.cut();
      });
      expect(await broken).toEqual(whole);
      expect(carriedOut).toBe(2 * steps);
      carriedOut = 0;
    }
    expect(proxy.cuts).toBeGreaterThan(35);
  });
});

describe('an environment that is made while connections break', () => {
  it('is made in the end', async () => {
    const { server } = await serveCounting({ terminateAfter: 7 });
    const { proxy, connection, events } = await connectThrough(server, { jitter: () => 0 });
    // Not even HTTP/2's greetings get through.
    proxy.cutAfter([20, 20, 20]);
    proxy.cut();
    const env = await connection.make('Counting-v0');
    expect(events).toContain('broken');
    await env.reset();
    await env.close();
    expect(server.sessionCount).toBe(0);
  });

  it('is an error at once where reconnecting is off', async () => {
    const { server } = await serveCounting({ terminateAfter: 7 });
    const { proxy, connection } = await connectThrough(server, { reconnectTimeoutMs: 0 });
    proxy.cutAfter([20, 20, 20, 20, 20, 20]);
    proxy.cut();
    await expect(connection.make('Counting-v0')).rejects.toThrow(
      code('SERVER_UNAVAILABLE', /MakeSession at/),
    );
  });
});

describe('a client that waits for its server to come back', () => {
  it.each(['reconnectSignal', 'close'] as const)('stops waiting at once: %s', async (how) => {
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    const stop = new AbortController();
    // Much longer than this test may take, and no attempt after the first few.
    const patient = { reconnectTimeoutMs: 3_600_000, jitter: () => 0.999, reconnectSignal: stop.signal };
    const { connection, events } = await connectThrough(server, patient);
    const env = await connection.make('Pendulum-v1');
    await env.reset();
    await server.shutdown();
    const step = env.step([0]);
    await expect.poll(() => events).toContain('broken');
    if (how === 'close') connection.close();
    else stop.abort();
    await expect(step).rejects.toThrow(code('CANCELLED', /was closed|told to stop/));
    await expect(env.step([0])).rejects.toThrow(code('CANCELLED', /was closed|told to stop/));
    await expect(connection.make('Pendulum-v1')).rejects.toThrow(code('CANCELLED', /.*/));
  });
});

describe('a session that ends under its stream, with its simulator for instance', () => {
  it('is replaced, and its episode is lost', async () => {
    const ends: Array<() => Promise<void>> = [];
    const server = await startFaultyServer({
      name: 'loses sessions',
      breaks: 'nothing here',
      made: ({ sessionId }, _, close) => void ends.push(() => close(String(sessionId))),
    });
    onTestFinished(() => server.stop());
    const events: ReconnectEvent['type'][] = [];
    const connection = await connect(server.address, { onReconnect: ({ type }) => void events.push(type) });
    onTestFinished(() => connection.close());
    const env = await connection.make('Pendulum-v1');
    await env.reset();
    await ends[0]?.();
    await expect(env.step([0])).rejects.toThrow(code('EPISODE_LOST', /its simulator died/));
    await env.reset();
    await env.step([0]);
    await ends[1]?.();
    // A reset needs nothing of the past.
    await env.reset();
    expect(events).toEqual(['broken', 'replaced', 'broken', 'replaced']);
    await env.close();
  });
});

describe('a connection that was closed', () => {
  it('answers with a code', async () => {
    const { connection } = await serveCounting({ terminateAfter: 7 });
    connection.close();
    const closed = code('CANCELLED', /the connection to 127\.0\.0\.1:\d+ was closed/);
    await expect(connection.make('Counting-v0')).rejects.toThrow(closed);
    await expect(connection.makeVector('Counting-v0', { numEnvs: 2 })).rejects.toThrow(closed);
    await expect(connection.listEnvs()).rejects.toThrow(closed);
  });
});

describe('a message above the limit', () => {
  it('breaks the stream, and closing the environment gives its place back', async () => {
    const { server, connection } = await serveCounting({ terminateAfter: 7 }, { maxMessageBytes: 10_000 });
    const env = await connection.make('Counting-v0');
    const long = { options: { text: 'x'.repeat(20_000) } };
    await expect(env.reset(long)).rejects.toThrow(
      code('CAPACITY', /at most 10000 bytes here, got one of 20\d\d\d/),
    );
    expect(server.sessionCount).toBe(1);
    await env.close();
    expect(server.sessionCount).toBe(0);
  });
});

describe('a training run', () => {
  /** What a run leaves behind, without what tells the time. */
  const resultsOf = (folder: string) =>
    (['metrics', 'bestPolicy', 'lastPolicy', 'checkpoint'] as const).map((name) =>
      readFileSync(runFilePath(folder, name)),
    );

  it.each<Partial<TrainOptions> & { autoreset: AutoresetMode }>([
    { autoreset: 'same-step' },
    { autoreset: 'next-step', numEnvs: 3 },
    { autoreset: 'disabled', numEnvs: 2, mode: 'alternating' },
  ])('with cuts ends with the same bits as without: %o', async ({ autoreset, ...options }) => {
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    onTestFinished(() => server.shutdown());
    const { proxy, connection, events } = await connectThrough(server);
    const run = async (onProgress?: (event: ProgressEvent) => void) => {
      const runFolder = join(temporaryFolder(), 'run');
      const result = await trainSmall(
        connection,
        { ...options, autoresetMode: autoreset },
        onProgress === undefined ? { runFolder } : { runFolder, onProgress },
      );
      return { result, files: resultsOf(runFolder) };
    };
    const whole = await run();
    expect(events).toEqual([]);
    const cut = await run((event) => {
      if (event.type !== 'start') return;
      proxy.cutAfter(randomBudgets(7, 40, 1_500));
      proxy.cut();
    });
    expect(proxy.cuts).toBeGreaterThan(30);
    expect(new Set(events)).toEqual(new Set(['broken', 'attached']));
    expect(cut.result).toEqual(whole.result);
    for (const [i, file] of cut.files.entries()) expect(file.equals(whole.files[i] as Buffer)).toBe(true);
  });
});

describe('a connection that says nothing any more', () => {
  it('is left for another one after a deadline, and no step happens twice', async () => {
    let carriedOut = 0;
    const beforeStep = async () => {
      carriedOut += 1;
    };
    const { server } = await serveCounting({ terminateAfter: Infinity, beforeStep });
    const { proxy, connection, events } = await connectThrough(server, { stepDeadlineMs: 3_000 });
    const [env, neighbour] = [await connection.make('Counting-v0'), await connection.make('Counting-v0')];
    await env.reset();
    await neighbour.reset();
    for (let i = 1; i <= 3; i++) {
      proxy.silence();
      expect((await env.step([0, 0])).info).toEqual({ step: BigInt(i) });
    }
    expect((await neighbour.step([0, 0])).info).toEqual({ step: 1n });
    expect(carriedOut).toBe(4);
    expect(events.filter((type) => type === 'replaced')).toEqual([]);
    // The server never heard that the first streams are gone.
    expect(server.sessionCount).toBe(2);
  });

  it('is told from a simulator that hangs', async () => {
    const beforeStep = () => new Promise<void>(() => undefined);
    const { server } = await serveCounting({ terminateAfter: 9, beforeStep }, { drainTimeoutMs: 50 });
    const { connection, events } = await connectThrough(server, { stepDeadlineMs: 500 });
    const env = await connection.make('Counting-v0');
    await env.reset();
    await expect(env.step([0, 0])).rejects.toThrow(code('DEADLINE_EXCEEDED', /no answer within 500 ms/));
    expect(events).toEqual(['broken', 'attached']);
  });

  it('may be slow: an answer after the deadline counts, once', async () => {
    let steps = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const beforeStep = () => {
      steps += 1;
      return gate;
    };
    const { server } = await serveCounting({ terminateAfter: 9, beforeStep });
    const proxy = await startTcpProxy(server.address);
    const onReconnect = ({ type }: ReconnectEvent) => {
      if (type === 'attached') release();
    };
    const connection = await connect(proxy.address, { stepDeadlineMs: 3_000, onReconnect });
    onTestFinished(() => connection.close());
    const env = await connection.make('Counting-v0');
    await env.reset();
    expect((await env.step([0, 0])).info).toEqual({ step: 1n });
    expect(steps).toBe(1);
  });
});

describe('a connection that breaks while the client thinks', () => {
  it('is mended meanwhile, so that the session is not idle for too long', async () => {
    const { server } = await serveCounting({ terminateAfter: 9 }, { idleTimeoutMs: 60_000 });
    const { proxy, connection, events } = await connectThrough(server);
    const env = await connection.make('Counting-v0');
    await env.reset();
    proxy.cut();
    await expect.poll(() => events, { timeout: 20_000 }).toEqual(['broken', 'attached']);
    expect((await env.step([0, 0])).info).toEqual({ step: 1n });
  });
});

describe('a server that is restarted', () => {
  /** Another server takes the place of the first, behind the same address. */
  async function startTwo(registrations: readonly EnvRegistration[]) {
    const start = async () => {
      const server = await startEnvServer({ envs: registrations, port: 0 });
      onTestFinished(() => server.shutdown());
      return server;
    };
    const [first, second] = [await start(), await start()];
    const through = await connectThrough(first);
    const restart = () => {
      through.proxy.retarget(second.address);
      return first.shutdown();
    };
    return { ...through, restart, second };
  }

  it('loses the episode and says so; a reset begins another one in a new session', async () => {
    const { connection, restart, second, events } = await startTwo(builtinEnvs);
    const env = await connection.make('Pendulum-v1');
    const start = await env.reset({ seed: 3 });
    await env.step([0]);
    await restart();
    const lost = code('EPISODE_LOST', /a new one is in its place: reset it/);
    await expect(env.step([0])).rejects.toThrow(lost);
    await expect(env.step([0])).rejects.toThrow(lost);
    expect(await env.reset({ seed: 3 })).toEqual(start);
    await env.step([0]);
    expect(second.sessionCount).toBe(1);
    expect(events).toEqual(['broken', 'replaced']);
    await env.close();
    expect(second.sessionCount).toBe(0);
  });

  it('does not disturb a reset of everything, but one of some environments', async () => {
    const { connection, restart } = await startTwo(builtinEnvs);
    const options = { numEnvs: 2, autoresetMode: 'disabled' } as const;
    const [all, some] = [
      await connection.makeVector('Pendulum-v1', options),
      await connection.makeVector('Pendulum-v1', options),
    ];
    const start = await all.reset({ seed: 3 });
    await some.reset({ seed: 3 });
    await restart();
    expect(await all.reset({ seed: 3 })).toEqual(start);
    await expect(some.reset({ mask: [true, false] })).rejects.toThrow(code('EPISODE_LOST', /./));
    expect(await some.reset({ seed: 3 })).toEqual(start);
  });

  it.each(['throws', 'rejects'])(
    'a listener that %s ends the session with a code, and not the process',
    async (how) => {
      const { server } = await serveCounting({ terminateAfter: Infinity });
      const proxy = await startTcpProxy(server.address);
      const onReconnect = (): void | Promise<void> => {
        const broken = new Error('the log is full');
        if (how === 'rejects') return Promise.reject(broken);
        throw broken;
      };
      const connection = await connect(proxy.address, { onReconnect });
      onTestFinished(() => connection.close());
      const env = await connection.make('Counting-v0');
      await env.reset({ seed: 1 });
      proxy.cut();
      // Found at once, or with the answer to a step that still came through.
      const play = async () => {
        for (;;) await env.step([0, 0]);
      };
      await expect(play()).rejects.toThrow(
        code('INTERNAL', /^Counting-v0: onReconnect failed at the event "broken": the log is full$/),
      );
    },
  );

  it('and comes back with another environment of that name is refused', async () => {
    const { connection, proxy } = await startTwo(builtinEnvs);
    const env = await connection.make('Pendulum-v1');
    await env.reset();
    const [pendulum, car] = builtinEnvs.filter(({ id }) => /Pendulum-v1|MountainCar/.test(id));
    const envs = [{ ...(car ?? pendulum), id: 'Pendulum-v1' }];
    const other = await startEnvServer({ envs, port: 0 });
    onTestFinished(() => other.shutdown());
    proxy.retarget(other.address);
    proxy.cut();
    await expect(env.step([0])).rejects.toThrow(code('SESSION_GONE', /another Pendulum-v1/));
    await expect.poll(() => other.sessionCount).toBe(0);
  });

  it.each<[AutoresetMode, number]>([
    ['same-step', 1],
    ['next-step', 3],
    ['disabled', 2],
  ])(
    'costs a training in %s mode with %i environments the episodes under way',
    async (autoreset, numEnvs) => {
      const { connection, restart } = await startTwo(builtinEnvs);
      const runFolder = join(temporaryFolder(), 'run');
      let restarted: Promise<void> | undefined;
      const events: ProgressEvent[] = [];
      const onProgress = (event: ProgressEvent) => {
        events.push(event);
        if (event.type === 'step' && event.envSteps >= 210) restarted ??= restart();
      };
      const options = { numEnvs, autoresetMode: autoreset, evaluationInterval: 100 };
      const result = await trainSmall(connection, options, { runFolder, onProgress });
      await restarted;
      expect(result.status).toBe('completed');
      expect(result.envSteps).toBeGreaterThanOrEqual(smallRun.totalEnvSteps as number);
      const lines = readLines(runFolder, 'metrics');
      const broken = readLines(runFolder, 'events').filter(({ type }) => type === 'broken');
      expect(broken.length).toBe(events.filter(({ type }) => type === 'broken').length);
      expect(broken.length).toBeGreaterThan(0);
      for (const { length } of broken) expect(Number(length)).toBeLessThan(25);
      // Pendulum never terminates: an end that was made up would show.
      const episodes = lines.filter(({ type }) => type === 'episode');
      for (const { length, terminated } of episodes) expect([length, terminated]).toEqual([25, false]);
      expect(lines.filter(({ type }) => type === 'evaluation')).toHaveLength(4);
      const told = episodes.length * 25 + broken.reduce((sum, { length }) => sum + Number(length), 0);
      expect(result.envSteps - told).toBeLessThan(25 * numEnvs);
    },
  );
});
