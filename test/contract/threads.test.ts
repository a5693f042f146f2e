/** Threads must not show: every session here is played twice, in process and spread over threads. */
import { connect } from '@gymwire/agent-sdk';
import { createEnvRegistry, type Session, SessionStore, startEnvServer } from '@gymwire/env-server';
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
import { threadEnvs } from '../support/thread-envs.mjs';

const numEnvs = 5;
const limits = { maxSessions: 2, maxNumEnvs: 8, maxTotalEnvs: 16, idleTimeoutMs: 600_000 };

/** The same environments, with the right to threads or without. */
function registryOf(envThreads: number) {
  const module = { url: new URL('../support/thread-envs.mjs', import.meta.url), exportName: 'threadEnvs' };
  return createEnvRegistry(
    threadEnvs.map((registration) => ({ ...registration, heavy: envThreads > 1, module })),
  );
}

function storeOf(envThreads: number): SessionStore {
  const store = new SessionStore(
    registryOf(envThreads),
    { ...limits, envThreads },
    pino({ level: 'silent' }),
  );
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

const makeThreaded = (options: SessionOptions, envThreads = 3) =>
  storeOf(envThreads).make({ numEnvs, ...options });

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

/** Plays in process and with 3 threads, which have 1, 2 and 2 environments. @returns what came in process */
async function expectSame(options: SessionOptions, play: Play): Promise<readonly unknown[]> {
  const records: unknown[][] = [];
  for (const envThreads of [1, 3]) {
    const session = await makeThreaded(options, envThreads);
    const record: unknown[] = [{ ...session.description, sessionId: undefined }];
    await play(session, async (call) => void record.push(await outcomeOf(call)));
    records.push(record);
  }
  const [inProcess, threaded] = records;
  expect(threaded).toStrictEqual(inProcess);
  return inProcess;
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

describe.each(autoresetModes)('threads, %s', (autoresetMode) => {
  it('give what one thread gives: boxes, infos of every kind', async () => {
    const record = await expectSame({ envId: 'Boxes-v0', autoresetMode }, playOn(boxActions));
    const finals = record.filter((entry) => typeof entry === 'object' && entry !== null && 'final' in entry);
    expect(finals.length > 0).toBe(autoresetMode === 'same-step');
  });

  it('give what one thread gives: dictionaries of tuples and pictures', async () => {
    const torque = (time: number): Value => ({
      torque: {
        dtype: 'float64',
        shape: [numEnvs, 2],
        data: new Float64Array(2 * numEnvs).map((_, i) => Math.cos(time * i)),
      },
    });
    await expectSame({ envId: 'Dicts-v0', autoresetMode }, playOn(torque));
  });

  it('give what one thread gives: spaces that have no rows', async () => {
    const word = (time: number): Value => ({
      dtype: 'int64',
      shape: [numEnvs],
      data: BigInt64Array.from({ length: numEnvs }, (_, i) => BigInt((time + i) % 4) - 1n),
    });
    await expectSame({ envId: 'Words-v0', autoresetMode }, playOn(word));
  });

  it('give what one thread gives: asynchronous simulators', async () => {
    const reset = { seeds: [4, null, 2n ** 63n, 0, 1].map((seed) => seed ?? 9), options: { async: true } };
    await expectSame({ envId: 'Boxes-v0', autoresetMode }, playOn(boxActions, reset));
  });
});

describe('threads', () => {
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
    ['throw', 'ENV_FAILED', /step: the simulator failed: the gearbox is on fire/],
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
    expect(record[1]).toEqual(isError('ENV_FAILED', /reset: the simulator failed: stuck/));
    expect(record[3]).toEqual(isError('NON_FINITE_ACTION', /action of environment 3\[0\] is NaN/));
    expect(record[4]).toEqual(isError('BAD_ACTION', /batch of 5 actions/));
  });

  it('pass on what a simulator throws when it is made or closed, and end all the same', async () => {
    const { code, message } = (await outcomeOf(() =>
      makeThreaded({ envId: 'Unmakeable-v0' }),
    )) as GymwireError;
    expect({ code, message }).toEqual(
      await outcomeOf(() => makeThreaded({ envId: 'Unmakeable-v0' }, 1)).then((error) => ({
        code: (error as GymwireError).code,
        message: (error as GymwireError).message,
      })),
    );
    const record = await expectSame({ envId: 'Boxes-v0' }, async (session, note) => {
      await note(() => session.reset({ seed: 1, options: { fault: 'close' } }));
      await note(() => session.close());
      await note(() => session.step(boxActions(0)));
    });
    expect(record[2]).toEqual(isError('ENV_FAILED', /close: the simulator failed: the door is jammed/));
    expect(record[3]).toEqual(isError('SESSION_GONE', /closed/));
    expect(threadCount()).toBe(0);
  });

  it('are as many as asked for, and none where nothing is heavy or only one environment', async () => {
    const store = storeOf(3);
    const { sessionId } = (await store.make({ envId: 'Boxes-v0', numEnvs: 2 })).description;
    expect(threadCount()).toBe(2);
    await store.close(sessionId);
    await store.make({ envId: 'Boxes-v0', numEnvs });
    expect(threadCount()).toBe(3);
    await store.closeAll();
    await store.make({ envId: 'Boxes-v0', numEnvs: 1 });
    await store.make({ envId: 'Boxes-v0' });
    await makeThreaded({ envId: 'Boxes-v0' }, 1);
    expect(threadCount()).toBe(0);
  });

  it('say when the module has not the registration', async () => {
    const [registration] = threadEnvs;
    const url = new URL('../support/thread-envs.mjs', import.meta.url);
    const make = (module: { url: URL; exportName: string }) => {
      const registry = createEnvRegistry([{ ...registration, heavy: true, module }]);
      const store = new SessionStore(registry, { ...limits, envThreads: 2 }, pino({ level: 'silent' }));
      return store.make({ envId: 'Boxes-v0', numEnvs });
    };
    await expect(make({ url, exportName: 'nothing' })).rejects.toThrow(
      isError('ENV_FAILED', /Boxes-v0: expected its registration in the export nothing/),
    );
    await expect(make({ url: new URL('./none.mjs', url), exportName: 'threadEnvs' })).rejects.toThrow(
      isError('ENV_FAILED', /Boxes-v0 could not be made: .*none\.mjs/),
    );
    expect(threadCount()).toBe(0);
  });
});

describe('a server with threads', () => {
  async function serveThreaded() {
    const logger = pino({ level: 'silent' });
    const server = await startEnvServer({
      registry: registryOf(2),
      port: 0,
      envThreads: 2,
      maxSessions: 1,
      logger,
    });
    const connection = await connect(server.address, { reconnectTimeoutMs: 0 });
    onTestFinished(async () => {
      connection.close();
      await server.shutdown();
    });
    return { server, connection };
  }
  const actions = new Float32Array(2 * numEnvs);

  it.each(['exit', 'uncaught'])('outlives a thread: %s', async (fault) => {
    const { server, connection } = await serveThreaded();
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    await envs.reset({ seed: 1 });
    await envs.reset({ mask: [false, true, false, false, false], options: { fault, at: 1n } });
    // What was thrown outside of the step may come to light after it; the next one then finds the thread dead.
    const failures: unknown[] = [];
    const step = () => envs.step(actions).catch((error: unknown) => failures.push(error));
    await step();
    await expect
      .poll(() => (failures.length > 0 ? failures.length : step().then(() => 0)), patiently)
      .toBe(1);
    expect(failures[0]).toMatchObject({
      code: expect.stringMatching(/^(ENV_FAILED|SESSION_GONE)$/) as string,
      message: expect.stringMatching(
        /thread of the environments 0 to 1 (ended with exit code 3|failed: out of thin air)/,
      ) as string,
    });
    await expect(envs.step(actions)).rejects.toThrow(isError('SESSION_GONE', /cannot go on: the thread/));
    await envs.close();
    await expect.poll(() => server.sessionCount, patiently).toBe(0);
    const again = await connection.makeVector('Boxes-v0', { numEnvs });
    await again.reset({ seed: 1 });
    expect((await again.step(actions)).rewards).toHaveLength(numEnvs);
  });

  it('answers others while its threads compute', async () => {
    const { connection } = await serveThreaded();
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    await envs.reset({ options: { fault: 'busy', at: 1n } });
    const order: string[] = [];
    const step = envs.step(actions).then(() => order.push('step'));
    await connection.listEnvs().then(() => order.push('list'));
    await step;
    expect(order).toEqual(['list', 'step']);
  });

  it('ends its threads when it shuts down in mid-step', async () => {
    const { server, connection } = await serveThreaded();
    const envs = await connection.makeVector('Boxes-v0', { numEnvs });
    await envs.reset({ options: { fault: 'busy', at: 1n } });
    const step = envs.step(actions);
    const [outcome] = await Promise.allSettled([step, server.shutdown()]);
    expect(outcome.status === 'fulfilled' || outcome.reason instanceof GymwireError).toBe(true);
    await expect.poll(threadCount, patiently).toBe(0);
  });
});
