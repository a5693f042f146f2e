import type { Env, EnvRegistration, MaybePromise } from '@gymwire/env';
import { box, type ErrorCode, float32, type StepResult } from '@gymwire/protocol';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEnvRegistry } from '../registry.ts';
import type { Session } from './session.ts';
import { SessionStore } from './session-store.ts';

const limits = { maxSessions: 1, maxNumEnvs: 4, maxTotalEnvs: 4, idleTimeoutMs: 600_000 };
const short = {
  makeTimeoutMs: 30,
  resetTimeoutMs: 30,
  stepTimeoutMs: 30,
  closeTimeoutMs: 30,
};
const isError = (code: ErrorCode, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const never = () => new Promise<never>(() => undefined);
const action = float32([0]);

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const result = (terminated = false): StepResult => ({
  observation: float32([0]),
  reward: 0,
  terminated,
  truncated: false,
  info: {},
});

const envOf = (parts: Partial<Env>): Env => ({
  observationSpace: box([-1], [1]),
  actionSpace: box([-1], [1]),
  reset: () => ({ observation: float32([0]), info: {} }),
  step: () => result(),
  ...parts,
});

/** One place, and what takes it. */
function storeOf(make: () => MaybePromise<Env>, more: Partial<EnvRegistration> = short) {
  const registry = createEnvRegistry([
    { id: 'Own-v0', make, renderModes: ['rgb_array'], ...more },
    { id: 'Good-v0', make: () => envOf({}) },
  ]);
  return new SessionStore(registry, limits, pino({ level: 'silent' }));
}

const own = { envId: 'Own-v0', renderMode: 'rgb_array' };

afterEach(() => vi.restoreAllMocks());

describe('an environment that never answers', () => {
  const calls: Readonly<Record<string, { readonly env: Partial<Env>; call(session: Session): unknown }>> = {
    reset: { env: { reset: never }, call: (session) => session.reset({}) },
    step: { env: { step: never }, call: (session) => session.step(action) },
    render: { env: { render: never }, call: (session) => session.render(0) },
  };

  it.each(Object.entries(calls))('gives its place back: %s', async (name, { env, call }) => {
    const store = storeOf(() => envOf(env));
    const session = await store.make(own);
    if (name !== 'reset') await session.reset({});
    await expect(async () => call(session)).rejects.toThrow(
      isError('ENV_FAILED', new RegExp(`^${name}: the simulator did not answer within 30 ms`)),
    );
    expect(store.size).toBe(0);
    await expect(async () => session.reset({})).rejects.toThrow(
      isError('SESSION_GONE', /the session ended with its simulator: .*did not answer/),
    );
    expect(() => store.find(session.description.sessionId)).toThrow(
      isError('SESSION_GONE', /the session ended with its simulator/),
    );
    const next = await store.make({ envId: 'Good-v0' });
    await next.reset({});
    await store.closeAll();
  });

  it('gives its place back: make, whose late copies are closed', async () => {
    const close = vi.fn<() => void>();
    const { promise, resolve } = deferred<Env>();
    const store = storeOf(() => promise);
    await expect(store.make(own)).rejects.toThrow(
      isError('ENV_FAILED', /Own-v0 could not be made: make: the simulator did not answer within 30 ms/),
    );
    await (await store.make({ envId: 'Good-v0' })).close();
    resolve(envOf({ close }));
    await expect.poll(() => close.mock.calls.length).toBe(1);
  });

  it('gives its place back: close', async () => {
    const store = storeOf(() => envOf({ close: never }));
    const { sessionId } = (await store.make(own)).description;
    await expect(store.close(sessionId)).rejects.toThrow(isError('ENV_FAILED', /^close: .* 30 ms/));
    await store.make({ envId: 'Good-v0' });
    await store.closeAll();
  });

  it('is detached at once, and closed when its call is over, but never asked to go on', async () => {
    const log: string[] = [];
    const { promise, resolve } = deferred<StepResult>();
    const store = storeOf(
      () =>
        envOf({
          reset() {
            log.push('reset');
            return { observation: float32([0]), info: {} };
          },
          step: () => promise,
          detach: () => void log.push('detach'),
          close: () => void log.push('close'),
        }),
      { ...short, closeTimeoutMs: 10_000 },
    );
    const session = await store.make({ ...own, numEnvs: 1, autoresetMode: 'same-step' });
    await session.reset({});
    const batch = { ...action, shape: [1, 1] };
    await expect(async () => session.step(batch)).rejects.toThrow(isError('ENV_FAILED', /step/));
    expect(log).toEqual(['reset', 'detach']);
    // The episode's end would have reset it.
    resolve(result(true));
    await expect.poll(() => log).toEqual(['reset', 'detach', 'close']);
  });

  it('does not keep a server from ending', async () => {
    const close = vi.fn<() => void>();
    const store = storeOf(() => envOf({ step: never, close }), { closeTimeoutMs: 30 });
    const session = await store.make(own);
    await session.reset({});
    const step = Promise.resolve(session.step(action)).catch(() => undefined);
    await store.closeAll(20);
    expect(close).toHaveBeenCalledOnce();
    expect(await Promise.race([step, Promise.resolve('still under way')])).toBe('still under way');
  });
});

describe('an environment that answers at once', () => {
  it('never arms a timer', async () => {
    const store = storeOf(() => envOf({}));
    const session = await store.make(own);
    await session.reset({});
    const timers = vi.spyOn(globalThis, 'setTimeout');
    for (let i = 0; i < 10; i++) void session.step(action);
    expect(timers).not.toHaveBeenCalled();
    await store.closeAll();
  });
});

describe('the first step of a session', () => {
  /** Compiles at first, as JAX and numba do. */
  function compiling(limits: Partial<EnvRegistration>) {
    let compiles: Promise<void> | undefined;
    const step = async () => {
      const isFirst = compiles === undefined;
      compiles ??= new Promise((resolve) => setTimeout(resolve, 60));
      await (isFirst ? compiles : never());
      return result();
    };
    return storeOf(() => envOf({ step }), limits);
  }

  it('may compile for longer than the others may take', async () => {
    const store = compiling({ stepTimeoutMs: 20, firstStepTimeoutMs: 10_000 });
    const session = await store.make(own);
    await session.reset({});
    await session.step(action);
    await expect(async () => session.step(action)).rejects.toThrow(
      isError('ENV_FAILED', /^step: .* within 20 ms .*stepTimeoutMs \(--step-timeout-ms\)/),
    );
  });

  it('is given up in the end, in words that name its own limit', async () => {
    const store = compiling({ stepTimeoutMs: 20, firstStepTimeoutMs: 30 });
    const session = await store.make(own);
    await session.reset({});
    await expect(async () => session.step(action)).rejects.toThrow(
      isError(
        'ENV_FAILED',
        /^step: .* within 30 ms .*firstStepTimeoutMs \(--first-step-timeout-ms\) says how long/,
      ),
    );
  });

  it.each([{ stepTimeoutMs: 10_000 }, { stepTimeoutMs: 10_000, firstStepTimeoutMs: 1 }, {}])(
    'has what the others have, where that is longer or nothing else is said: %o',
    async (said) => {
      const store = compiling(said);
      const session = await store.make(own);
      await session.reset({});
      expect(await session.step(action)).toMatchObject({ terminated: [false] });
      await store.closeAll(1);
    },
  );

  it('has no more than the others, where somebody said how long a step may take', async () => {
    const store = compiling({ stepTimeoutMs: 20 });
    const session = await store.make(own);
    await session.reset({});
    await expect(async () => session.step(action)).rejects.toThrow(
      isError('ENV_FAILED', /^step: .* within 20 ms .*--step-timeout-ms/),
    );
  });
});

describe('limits', () => {
  it("are the registration's, then the server's", async () => {
    const registry = createEnvRegistry([
      { id: 'Patient-v0', make: () => envOf({ reset: never }), resetTimeoutMs: 50 },
    ]);
    const store = new SessionStore(registry, { ...limits, resetTimeoutMs: 20 }, pino({ level: 'silent' }));
    const session = await store.make({ envId: 'Patient-v0' });
    await expect(async () => session.reset({})).rejects.toThrow(isError('ENV_FAILED', /within 50 ms/));
  });

  it.each([0, 1.5, -1, Number.NaN, '100'])('are refused when they are none: %s', (stepTimeoutMs) => {
    const registration = { id: 'Own-v0', make: () => envOf({}), stepTimeoutMs: stepTimeoutMs as number };
    expect(() => createEnvRegistry([registration])).toThrow(
      isError('INVALID_ARGUMENT', /Own-v0: stepTimeoutMs: expected an integer from 1/),
    );
  });
});
