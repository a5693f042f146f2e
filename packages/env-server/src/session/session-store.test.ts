import type { Env } from '@gymwire/env';
import { box, float32, GymwireError } from '@gymwire/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEnvRegistry } from '../registry.ts';
import { SessionStore } from './session-store.ts';

const limits = { maxSessions: 1, maxNumEnvs: 4, maxTotalEnvs: 4, idleTimeoutMs: 1000 };
const isGone = expect.objectContaining({ code: 'SESSION_GONE' });

/** A session whose step goes on until `finish`, and a store that has room for no other. */
async function busySession() {
  let finish: () => void = () => undefined;
  const result = { observation: float32([0]), reward: 0, terminated: false, truncated: false, info: {} };
  const env: Env = {
    observationSpace: box([-1], [1]),
    actionSpace: box([-1], [1]),
    reset: () => ({ observation: float32([0]), info: {} }),
    step: () => new Promise((resolve) => (finish = () => resolve(result))),
  };
  const more = { firstStepTimeoutMs: 2 ** 30, stepTimeoutMs: 2 ** 30 };
  const registry = createEnvRegistry([{ id: 'Own-v0', make: () => env, ...more }]);
  const store = new SessionStore(registry, limits, pino({ level: 'silent' }));
  const session = await store.make({ envId: 'Own-v0' });
  const { sessionId } = session.description;
  await session.reset({});
  store.find(sessionId);
  const step = Promise.resolve(session.step(float32([0]))).catch((error: unknown) => error);
  return { store, session, sessionId, step, finish: () => finish() };
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('a session that closes while its simulator is busy', () => {
  it('is listed until it is gone, and no request finds it', async () => {
    const { store, session, sessionId, step, finish } = await busySession();
    const closing = store.close(sessionId);
    expect([...store.open()].map((one) => one.session)).toEqual([session]);
    expect(store.size).toBe(1);
    expect(() => store.find(sessionId)).toThrow(isGone);
    await expect(store.make({ envId: 'Own-v0' })).rejects.toMatchObject({ code: 'CAPACITY' });
    finish();
    await step;
    await closing;
    expect(store.size).toBe(0);
    await store.make({ envId: 'Own-v0' });
  });

  it('is ended by its operator, and by the end of the server, without that call', async () => {
    for (const end of ['operator', 'server']) {
      const { store, sessionId } = await busySession();
      const closing = store.close(sessionId);
      const reason = new GymwireError('SESSION_GONE', 'the operator ended it');
      await (end === 'operator' ? store.end(sessionId, reason, 0) : store.closeAll(0));
      await closing;
      expect(store.size).toBe(0);
      await store.whenEmpty();
    }
  });
});

describe('a session without a stream', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is not idle while its own call is under way, but after as long from its end', async () => {
    const { store, sessionId, step, finish } = await busySession();
    vi.advanceTimersByTime(5000);
    await settled();
    expect([...store.open()]).toHaveLength(1);
    store.find(sessionId);
    store.rest(sessionId);
    finish();
    await step;
    store.rest(sessionId);
    vi.advanceTimersByTime(999);
    await settled();
    expect(store.size).toBe(1);
    vi.advanceTimersByTime(2);
    await settled();
    expect(store.size).toBe(0);
  });

  it('is not idle while a call is under way whose caller has gone', async () => {
    const { store, sessionId, step, finish } = await busySession();
    store.rest(sessionId);
    vi.advanceTimersByTime(5000);
    await settled();
    expect(() => store.rest(sessionId)).not.toThrow();
    expect(store.size).toBe(1);
    finish();
    await step;
    vi.advanceTimersByTime(2001);
    await settled();
    expect(store.size).toBe(0);
  });
});

describe('what a factory returns', () => {
  const spaces = { observationSpace: box([-1], [1]), actionSpace: box([-1], [1]) };
  const expected =
    'make must return an environment, an object with reset, step, observationSpace and actionSpace; got ';
  class Arm {}

  it.each<readonly [unknown, string]>([
    [undefined, 'nothing, which is no object'],
    [Arm, 'the function Arm: make an instance of it, if it is a class'],
    [new Arm(), 'an object of the class Arm, without the methods reset and step'],
    [{ ...spaces, reset: () => undefined }, 'without the method step'],
  ])('is refused where it is no environment: %o', async (made, got) => {
    const registry = createEnvRegistry([{ id: 'Own-v0', make: () => made as Env }]);
    const store = new SessionStore(registry, limits, pino({ level: 'silent' }));
    const refusal = await store.make({ envId: 'Own-v0' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'ENV_FAILED' });
    const { message } = refusal as Error;
    expect(message).toContain(expected);
    expect(message.endsWith(got), message).toBe(true);
  });
});
