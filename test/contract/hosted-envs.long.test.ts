/** Hosts must not show: every session here is played in process, spread over threads, in a worker and in a process. */
import { connect } from '@gymwire/agent-sdk';
import { type Isolation } from '@gymwire/env';
import {
  createEnvRegistry,
  createSessionStore,
  type EnvRegistration,
  type EnvServerOptions,
  type Session,
  type SessionStore,
  startEnvServer,
} from '@gymwire/env-server';
import {
  type AutoresetMode,
  type ErrorCode,
  float32,
  GymwireError,
  type SessionOptions,
  type Tensor,
  type Value,
  type VectorResetOptions,
} from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostedEnvs } from '../support/hosted-envs.mjs';
import { isAlive } from '../support/processes.ts';

const numEnvs = 5;
const limits = { maxSessions: 2, maxNumEnvs: 8, maxTotalEnvs: 16, idleTimeoutMs: 600_000 };

/** Where a session's environments live: two of them in threads have 1, 2 and 2 environments. */
type Place = 'server' | 'threads' | Isolation;
const places: readonly Place[] = ['server', 'threads', 'worker', 'process'];

const module = { url: new URL('../support/hosted-envs.mjs', import.meta.url), exportName: 'hostedEnvs' };

/** The same environments, for one place. */
function registrationsFor(place: Place, exported = module): readonly EnvRegistration[] {
  const hosting = place === 'worker' || place === 'process' ? { isolate: place } : {};
  return hostedEnvs.map((registration) => ({
    ...registration,
    ...hosting,
    heavy: place === 'threads',
    module: exported,
  }));
}

const registryOf = (place: Place) => createEnvRegistry(registrationsFor(place));

function storeOf(place: Place, envThreads = 3): SessionStore {
  const store = createSessionStore(registryOf(place), { ...limits, envThreads }, pino({ level: 'silent' }));
  onTestFinished(() => store.closeAll());
  return store;
}

/** Polls this long, since the machine may be busy. */
const patiently = { timeout: 30_000 };

/** Worker threads of this process. */
function threadCount(): number {
  const report = process.report.getReport() as { readonly workers: readonly unknown[] };
  return report.workers.length;
}

/** What a session is made with; a vector of 5 unless it says otherwise. */
interface PlayOptions extends SessionOptions {
  readonly isSingle?: boolean;
}

const makeIn = (place: Place, { isSingle = false, ...options }: PlayOptions) =>
  storeOf(place).make(isSingle ? options : { numEnvs, ...options });

/** Box actions, another for every environment and time. */
const boxActions = (time: number): Tensor => ({
  ...float32(Array.from({ length: 2 * numEnvs }, (_, i) => Math.sin(time + i))),
  shape: [numEnvs, 2],
});

/** What came, be it an error. */
async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (thrown) {
    if (!(thrown instanceof GymwireError)) throw thrown;
    const { code, message, details, cause } = thrown;
    return { code, message, details, cause: cause instanceof Error ? cause.message : cause };
  }
}

type Play = (session: Session, note: (call: () => unknown) => Promise<void>) => Promise<void>;

/** Plays in every place. @returns what came in the server's own thread */
async function expectSame(options: PlayOptions, play: Play): Promise<readonly unknown[]> {
  const records = await Promise.all(
    places.map(async (place) => {
      const session = await makeIn(place, options);
      const record: unknown[] = [{ ...session.description, sessionId: undefined }];
      await play(session, async (call) => void record.push(await outcomeOf(call)));
      return record;
    }),
  );
  const [own, ...hosted] = records;
  for (const [i, record] of hosted.entries()) expect(record, places[i + 1]).toStrictEqual(own);
  return own;
}

/** Steps; where the mode is disabled, ended environments are reset by mask. */
const playOn =
  (actionsAt: (time: number) => Value, reset: VectorResetOptions = { seed: 3 }): Play =>
  async (session, note) => {
    await note(() => session.reset(reset));
    let ended: boolean[] = [];
    for (let time = 0; time < 40; time++) {
      await note(async () => {
        const step = await session.step(actionsAt(time));
        ended = step.terminated.map((terminated, i) => terminated || step.truncated[i] === true);
        return step;
      });
      if (session.description.autoresetMode !== 'disabled' || !ended.includes(true)) continue;
      await note(() => session.reset({ mask: ended }));
    }
  };

const autoresetModes: readonly AutoresetMode[] = ['disabled', 'next-step', 'same-step'];
const isError = (code: ErrorCode, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe.each(autoresetModes)('hosts, %s', (autoresetMode) => {
  it("give what the server's own thread gives: boxes, infos of every kind", async () => {
    const record = await expectSame({ envId: 'Boxes-v0', autoresetMode }, playOn(boxActions));
    const finals = record.filter((entry) => typeof entry === 'object' && entry !== null && 'final' in entry);
    expect(finals.length > 0).toBe(autoresetMode === 'same-step');
  });

  it("give what the server's own thread gives: dictionaries of tuples and pictures", async () => {
    const torque = (time: number): Value => ({
      torque: {
        dtype: 'float64',
        shape: [numEnvs, 2],
        data: new Float64Array(2 * numEnvs).map((_, i) => Math.cos(time * i)),
      },
    });
    await expectSame({ envId: 'Dicts-v0', autoresetMode }, playOn(torque));
  });

  it("give what the server's own thread gives: spaces that have no rows", async () => {
    const word = (time: number): Value => ({
      dtype: 'int64',
      shape: [numEnvs],
      data: BigInt64Array.from({ length: numEnvs }, (_, i) => BigInt((time + i) % 4) - 1n),
    });
    await expectSame({ envId: 'Words-v0', autoresetMode }, playOn(word));
  });

  it("give what the server's own thread gives: asynchronous simulators", async () => {
    const reset = { seeds: [4, null, 2n ** 63n, 0, 1].map((seed) => seed ?? 9), options: { async: true } };
    await expectSame({ envId: 'Boxes-v0', autoresetMode }, playOn(boxActions, reset));
  });
});

describe('hosts of a single environment', () => {
  const single = { isSingle: true, renderMode: 'rgb_array', maxEpisodeSteps: 5 };
  const actionsOf: Readonly<Record<string, (time: number) => Value>> = {
    'Boxes-v0': (time) => float32([Math.sin(time), Math.cos(time)]),
    'Dicts-v0': (time) => ({ torque: { dtype: 'float64', shape: [2], data: Float64Array.of(time, -time) } }),
    'Words-v0': (time) => BigInt(time % 4) - 1n,
  };

  it.each(Object.keys(actionsOf))("give what the server's own thread gives: %s", async (envId) => {
    const record = await expectSame({ ...single, envId }, async (session, note) => {
      await note(() => session.step(actionsOf[envId](0)));
      for (const seed of [2n ** 64n - 1n, 7, undefined]) {
        await note(() => session.reset(seed === undefined ? {} : { seed, options: { length: 4n } }));
        for (let time = 0; time < 5; time++) {
          await note(() => session.step(actionsOf[envId](time), session.lastSequence + 1));
          await note(() => session.render(0));
        }
      }
    });
    expect(record[1]).toEqual(isError('NOT_RESET', /has not been reset yet/));
    expect(record.at(-1)).toMatchObject({ width: 1, height: 1 });
  });
});

describe('hosts', () => {
  it('reset by mask, with seeds and options, render, and repeat a kept reply', async () => {
    const record = await expectSame(
      { envId: 'Boxes-v0', renderMode: 'rgb_array', autoresetMode: 'disabled' },
      async (session, note) => {
        await note(() => session.reset({ mask: [true, false, true, true, true] }));
        await note(() => session.render(1));
        await note(() => session.reset({ seed: 5 }, 1));
        await note(() => session.step(boxActions(0), 2));
        await note(() => session.reset({ mask: [false, true, false, false, true], options: { length: 1n } }));
        await note(() => session.step(boxActions(1)));
        await note(() => session.step(boxActions(2)));
        await note(() =>
          session.reset({ seeds: [7, 8, null, 9, 1], mask: [false, true, false, true, true] }),
        );
        for (let i = 0; i < numEnvs; i++) await note(() => session.render(i));
        await note(() => session.render(numEnvs));
        await note(() => session.step(boxActions(3), session.lastSequence + 1));
        await note(() => session.step(boxActions(9), session.lastSequence));
      },
    );
    expect(record[1]).toEqual(isError('NOT_RESET', /environment 1 has not been reset yet/));
    expect(record[7]).toEqual(isError('NOT_RESET', /environment 1 has ended its episode/));
    expect(record.at(-1)).toEqual(record.at(-2));
  });

  it.each([
    ['throw', 'ENV_FAILED', /step of environment 2: the simulator failed: the gearbox is on fire/],
    ['coded', 'UNSUPPORTED', /not on Sundays/],
    ['nan', 'NON_FINITE_OBSERVATION', /observation\[1\] is NaN/],
    ['nan-reward', 'NON_FINITE_OBSERVATION', /the reward NaN/],
  ] as const)('pass on the fault of one environment: %s', async (fault, code, message) => {
    const record = await expectSame({ envId: 'Boxes-v0' }, async (session, note) => {
      await note(() => session.reset({ seed: 1 }));
      await note(() =>
        session.reset({ mask: [false, false, true, false, true], options: { fault, at: 2n, length: 5n } }),
      );
      for (let time = 0; time < 4; time++) await note(() => session.step(boxActions(time)));
      // The others have gone on, and go on when the two that failed are reset.
      await note(() => session.reset({ mask: [false, false, true, false, true] }));
      await note(() => session.step(boxActions(5)));
    });
    const failure = record.findIndex(
      (entry) => typeof entry === 'object' && entry !== null && 'code' in entry,
    );
    expect(record[failure]).toEqual(isError(code, message));
    expect(record[failure + 1]).toEqual(isError('NOT_RESET', /environment 2 failed; reset it first/));
    expect(record.at(-1)).toHaveProperty('rewards');
  });

  it('pass on a reset that fails, and refuse bad actions before any environment moves', async () => {
    const nan = { ...boxActions(0), data: new Float32Array(2 * numEnvs).fill(Number.NaN, 6, 7) };
    const record = await expectSame({ envId: 'Boxes-v0' }, async (session, note) => {
      await note(() => session.reset({ options: { fault: 'reset' } }));
      await note(() => session.reset({ seed: 1 }));
      await note(() => session.step(nan));
      await note(() => session.step(float32([1])));
      await note(() => session.step(boxActions(0)));
    });
    expect(record[1]).toEqual(isError('ENV_FAILED', /reset of environment 0: the simulator failed: stuck/));
    expect(record[3]).toEqual(isError('NON_FINITE_ACTION', /action of environment 3\[0\] is NaN/));
    expect(record[4]).toEqual(isError('BAD_ACTION', /batch of 5 actions/));
  });

  it('pass on what a simulator throws when it is made or closed, and end all the same', async () => {
    const unmade = await Promise.all(
      places.map(async (place) => {
        const { code, message } = (await outcomeOf(() =>
          makeIn(place, { envId: 'Unmakeable-v0' }),
        )) as GymwireError;
        return { code, message };
      }),
    );
    expect(unmade).toEqual(
      places.map(() =>
        isError('ENV_FAILED', /^Unmakeable-v0 could not be made: no such robot \(\S+\.m?js:\d+/),
      ),
    );
    const record = await expectSame({ envId: 'Boxes-v0' }, async (session, note) => {
      await note(() => session.reset({ seed: 1, options: { fault: 'close' } }));
      await note(() => session.close());
      await note(() => session.step(boxActions(0)));
    });
    expect(record[2]).toEqual(
      isError('ENV_FAILED', /close of environment \d: the simulator failed: the door is jammed/),
    );
    expect(record[3]).toEqual(isError('SESSION_GONE', /closed/));
    expect(threadCount()).toBe(0);
  });

  it('are as many threads as asked for, and none where nothing is heavy or only one environment', async () => {
    const store = storeOf('threads');
    const { sessionId } = (await store.make({ envId: 'Boxes-v0', numEnvs: 2 })).description;
    expect(threadCount()).toBe(2);
    await store.close(sessionId);
    await store.make({ envId: 'Boxes-v0', numEnvs });
    expect(threadCount()).toBe(3);
    await store.closeAll();
    await store.make({ envId: 'Boxes-v0', numEnvs: 1 });
    await store.make({ envId: 'Boxes-v0' });
    await storeOf('threads', 1).make({ envId: 'Boxes-v0', numEnvs });
    expect(threadCount()).toBe(0);
  });

  it('say when the module has not the registration', async () => {
    const make = (place: Place, exported: { url: URL; exportName: string }) => {
      const [registration] = registrationsFor(place, exported);
      const store = createSessionStore(createEnvRegistry([registration]), limits, pino({ level: 'silent' }));
      return store.make({ envId: 'Boxes-v0', numEnvs });
    };
    await Promise.all(
      (['threads', 'worker', 'process'] as const).map(async (place) => {
        await expect(make(place, { ...module, exportName: 'nothing' })).rejects.toThrow(
          isError('ENV_FAILED', /Boxes-v0: expected its registration in the export nothing/),
        );
        const url = new URL('./none.mjs', module.url);
        await expect(make(place, { ...module, url })).rejects.toThrow(
          isError('ENV_FAILED', /Boxes-v0 could not be made: .*none\.mjs/),
        );
      }),
    );
    expect(threadCount()).toBe(0);
  });
});

describe.each(['threads', 'worker', 'process'] as const)('a server with hosts: %s', (place) => {
  async function serve(options: Partial<EnvServerOptions> = {}) {
    const server = await startEnvServer({
      ...options,
      envs: registrationsFor(place),
      port: 0,
      envThreads: 2,
      maxSessions: 1,
      logger: pino({ level: 'silent' }),
    });
    const connection = await connect(server.address, { reconnectTimeoutMs: 0 });
    onTestFinished(async () => {
      connection.close();
      await server.shutdown();
    });
    return { server, connection };
  }
  const actions = new Float32Array(2 * numEnvs);

  it.each(['exit', 'uncaught'])('outlives a host, whose place is free again: %s', async (fault) => {
    const { server, connection } = await serve();
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    await envs.reset({ seed: 1 });
    await envs.reset({ mask: [false, true, false, false, false], options: { fault, at: 1n } });
    // What was thrown outside of the step may come to light after it; the next one then finds the host dead.
    const failures: unknown[] = [];
    const step = () => envs.step(actions).catch((error: unknown) => failures.push(error));
    await step();
    await expect
      .poll(() => (failures.length > 0 ? failures.length : step().then(() => 0)), patiently)
      .toBe(1);
    expect(failures[0]).toEqual(
      isError('ENV_FAILED', /^the (thread of|simulator's).*(exit code 3|failed: out of thin air)/),
    );
    await expect(envs.step(actions)).rejects.toThrow(
      isError('SESSION_GONE', /the session ended with its simulator: the (thread|simulator's)/),
    );
    expect(server.sessionCount).toBe(0);
    // Also the threads that nothing has happened to, and one that an uncaught exception ends while it goes to sleep.
    await expect.poll(threadCount, patiently).toBe(0);
    const again = await connection.makeVector('Boxes-v0', { numEnvs });
    await again.reset({ seed: 1 });
    expect((await again.step(actions)).rewards).toHaveLength(numEnvs);
  });

  it('gives up a step that nothing will ever answer, by its limit', async () => {
    const { server, connection } = await serve({ stepTimeoutMs: 300 });
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    await envs.reset({ options: { fault: 'never' } });
    await expect(envs.step(actions)).rejects.toThrow(isError('ENV_FAILED', /did not answer within 300 ms/));
    expect(server.sessionCount).toBe(0);
    await expect.poll(threadCount, patiently).toBe(0);
  });

  it('answers others while its hosts compute', async () => {
    const { connection } = await serve();
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    await envs.reset({ options: { fault: 'busy', at: 1n } });
    const order: string[] = [];
    const step = envs.step(actions).then(() => order.push('step'));
    await connection.listEnvs().then(() => order.push('list'));
    await step;
    expect(order).toEqual(['list', 'step']);
  });

  it('ends its hosts when it shuts down in mid-step', async () => {
    const { server, connection } = await serve();
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    const { infos } = await envs.reset({ options: { fault: 'busy', at: 1n } });
    const pid = Number(infos.get(0)?.pid);
    const step = envs.step(actions);
    const [outcome] = await Promise.allSettled([step, server.shutdown()]);
    expect(outcome.status === 'fulfilled' || outcome.reason instanceof GymwireError).toBe(true);
    const isThere = () => (place === 'process' ? isAlive(pid) : threadCount() > 0);
    await expect.poll(isThere, patiently).toBe(false);
  });
});
