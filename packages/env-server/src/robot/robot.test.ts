import { box, type GymwireError, isTensor, type Value } from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEnvRegistry } from '../registry.ts';
import { SessionStore } from '../session/session-store.ts';
import { FakeDriver, ManualClock, settle } from '../testing/fake-robot.ts';
import { startRobot } from './robot.ts';
import type { RobotDriver } from './robot-driver.ts';
import type { RobotOptions } from './robot-options.ts';

const logger = pino({ level: 'silent' });
const action = (...values: number[]): Value => ({
  dtype: 'float32',
  shape: [2],
  data: Float32Array.from(values),
});

const limits = { maxSessions: 4, maxNumEnvs: 4, maxTotalEnvs: 8, idleTimeoutMs: 60_000 };

/** A server's sessions on a robot on manual time. */
async function createCell(options: Partial<RobotOptions> = {}) {
  const clock = new ManualClock();
  const driver = new FakeDriver(clock);
  const robot = await startRobot({
    driver,
    clock,
    logger,
    observationSpace: box([-10, -10], [10, 10]),
    actionSpace: box([-1, -2], [1, 2]),
    controlRateHz: 50,
    safeAction: [0.5, -0.5],
    judge: ({ observation, previousObservation }) => ({
      reward: observation[0] - previousObservation[0],
      terminated: observation[0] > 5,
      info: { is_far: observation[0] > 3 },
    }),
    ...options,
  });
  onTestFinished(() => robot.close());
  const registry = createEnvRegistry([robot.registration({ id: 'Arm-v0', maxEpisodeSteps: 3 })]);
  const store = new SessionStore(registry, limits, logger);
  const make = () => store.make({ envId: 'Arm-v0' });
  /** Ticks pass until a call is through. */
  const play = async <T>(call: T | Promise<T>): Promise<T> => {
    await settle();
    clock.advance(40);
    return call;
  };
  return { clock, driver, robot, registry, store, make, play };
}

const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

describe('a robot in a session', () => {
  it("is not given up while its reset waits for a person, longer than a simulator's may take", async () => {
    const { driver, registry, play } = await createCell();
    const store = new SessionStore(registry, { ...limits, resetTimeoutMs: 5, stepTimeoutMs: 5 }, logger);
    const session = await store.make({ envId: 'Arm-v0' });
    driver.sample = { values: [1, 0], ageMs: 2 };
    const reset = session.reset({});
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await play(reset)).toMatchObject({ observation: { data: Float32Array.of(1, 0) } });
    // Its steps are held to the limit like any other's.
    await expect(async () => session.step(action(0, 0))).rejects.toThrow(code('ENV_FAILED', /within 5 ms/));
    expect(store.size).toBe(0);
  });

  it('is an environment: spaces, float32 observations, rewards, its own end, the time limit, typed infos', async () => {
    const { driver, registry, make, play } = await createCell();
    expect(registry.list()).toMatchObject([{ id: 'Arm-v0', nondeterministic: true }]);
    const session = await make();
    driver.sample = { values: [1, 0], ageMs: 2 };
    const reset = await play(session.reset({}));
    expect(isTensor(reset.observation) && [reset.observation.dtype, ...reset.observation.data]).toEqual([
      'float32',
      1,
      0,
    ]);
    driver.sample = { values: [3.5, 0] };
    const step = await play(session.step(action(2, 0)));
    expect(step).toMatchObject({ rewards: Float64Array.of(2.5), terminated: [false], truncated: [false] });
    expect(step.infos.get(0)).toMatchObject({
      is_far: true,
      tick: 4n,
      time_ms: 80,
      command: { dtype: 'float64', shape: [2], data: Float64Array.of(1, 0) },
      range_limited: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
      rate_limited: { dtype: 'bool', data: Uint8Array.of(0, 0) },
      late_ticks: 0n,
      missed_ticks: 0n,
      overruns: 0n,
      stopped_by: '',
    });
    await play(session.step(action(0, 0)));
    expect(await play(session.step(action(0, 0)))).toMatchObject({ terminated: [false], truncated: [true] });
    await play(session.reset({}));
    driver.sample = { values: [5.5, 0] };
    driver.take();
    expect(await play(session.step(action(1, 0)))).toMatchObject({ terminated: [true], truncated: [false] });
    // Not at some later tick: nobody is in control of an episode that is over.
    expect(driver.last).toMatch(/^safe/);
  });

  it('is safe at once when the session is closed, and the driver goes on', async () => {
    const { driver, store, make, play } = await createCell();
    const session = await make();
    await play(session.reset({}));
    await play(session.step(action(1, 1)));
    expect(driver.last).toMatch(/^hold/);
    await store.close(session.description.sessionId);
    expect(driver.last).toMatch(/^safe/);
    await play((await make()).reset({}));
    expect(driver.calls).toEqual(['open']);
  });

  it('is safe at once when the stream ends, and the step that comes by another is not carried out', async () => {
    const { clock, driver, store, make, play } = await createCell();
    const session = await make();
    const stream = store.attach(session.description.sessionId, false, () => undefined);
    await play(session.reset({}));
    await play(session.step(action(1, 1)));
    stream.detach();
    expect(driver.last).toMatch(/^safe/);
    clock.advance(100);
    const step = await session.step(action(1, 1));
    expect(step.truncated).toEqual([true]);
    expect(step.infos.get(0)).toMatchObject({ stopped_by: "the client's stream ended" });
  });

  it('takes one session at a time', async () => {
    const { store, make } = await createCell();
    const first = await make();
    await expect(make()).rejects.toThrow(code('CAPACITY', /in use/));
    await expect(store.make({ envId: 'Arm-v0', numEnvs: 2 })).rejects.toThrow(code('CAPACITY', /in use/));
    await store.close(first.description.sessionId);
    await make();
  });

  it('that is shared goes to whoever resets it; the episode of the one before is truncated', async () => {
    const { driver, store, make, play } = await createCell({ isShared: true });
    const [one, other] = [await make(), await make()];
    await play(one.reset({}));
    await play(one.step(action(1, 1)));
    await play(other.reset({}));
    driver.take();
    const step = await one.step(action(-1, -1));
    expect(step).toMatchObject({ truncated: [true], terminated: [false] });
    expect(step.infos.get(0)).toEqual({ stopped_by: 'another session reset the robot' });
    await play(other.step(action(0.25, 0.25)));
    expect(driver.last).toMatch(/^hold \[0.25/);
    // Whose robot it is not cannot stop it by going away.
    await store.close(one.description.sessionId);
    expect(driver.last).toMatch(/^hold \[0.25/);
  });

  it('keeps an emergency stop across sessions until the operator clears it', async () => {
    const { driver, robot, store, make, play } = await createCell();
    const heard: string[] = [];
    const end = robot.onEvent((event) => heard.push(event.kind));
    const session = await make();
    await play(session.reset({}));
    robot.emergencyStop('hand in the cell');
    expect(robot.emergency).toBe('hand in the cell');
    expect((await play(session.step(action(1, 1)))).truncated).toEqual([true]);
    await expect(play(session.reset({}))).rejects.toThrow(code('ENV_FAILED', /hand in the cell/));
    await store.close(session.description.sessionId);
    const next = await make();
    await expect(play(next.reset({}))).rejects.toThrow(code('ENV_FAILED', /hand in the cell/));
    robot.clearEmergencyStop();
    expect(robot.emergency).toBeUndefined();
    await play(next.reset({}));
    expect(driver.last).toMatch(/^safe/);
    expect(heard).toEqual(['emergency-stop', 'emergency-stop-cleared']);
    end();
    robot.emergencyStop('again');
    expect(heard).toHaveLength(2);
  });

  it('goes on ticking when a listener of its events fails', async () => {
    const { clock, driver, robot, make, play } = await createCell();
    robot.onEvent(() => {
      throw new Error('the screen is gone');
    });
    await play((await make()).reset({}));
    robot.emergencyStop('test');
    driver.take();
    clock.advance(60);
    expect(driver.take()).toHaveLength(3);
  });

  it('that is closed says so, and closes its driver', async () => {
    const { driver, robot, make, play } = await createCell();
    const session = await make();
    await play(session.reset({}));
    await robot.close();
    expect(driver.calls).toEqual(['open', 'close']);
    await expect(session.step(action(0, 0))).rejects.toThrow(code('ENV_FAILED', /the robot was closed/));
  });
});

describe('options', () => {
  const driver: RobotDriver = { read: () => undefined, write: () => undefined };
  const good: RobotOptions = {
    driver,
    observationSpace: box([0], [1]),
    actionSpace: box([-1], [1]),
    judge: () => ({ reward: 0 }),
    controlRateHz: 50,
    safeAction: [0],
  };

  it.each<[string, Partial<RobotOptions>, RegExp]>([
    ['a rate of zero', { controlRateHz: 0 }, /controlRateHz: expected a number of 0.1 to 10000, got 0/],
    ['a rate that is none', { controlRateHz: Number.NaN }, /controlRateHz: .* got NaN/],
    ['a short safe action', { safeAction: [] }, /safeAction: expected 1 finite numbers, got \[\]/],
    ['an unsafe safe action', { safeAction: [2] }, /safeAction\[0\]: expected a number of -1 to 1, got 2/],
    [
      'a watchdog that no client could please',
      { watchdogMs: 59 },
      /watchdogMs: expected a number of 60 or more/,
    ],
    [
      'limits wider than the space',
      { actionLimits: { low: [-2], high: [1] } },
      /actionLimits.low\[0\]: expected a number of -1 to 1, got -2/,
    ],
    [
      'a safe action outside tighter limits',
      { actionLimits: { low: [0.5], high: [1] } },
      /safeAction\[0\]: expected a number of 0.5 to 1, got 0/,
    ],
    [
      'a limit of age that no sample could keep',
      { maxObservationAgeMs: 0 },
      /maxObservationAgeMs: .* got 0$/,
    ],
    [
      'a limit of age that is none',
      { maxObservationAgeMs: Infinity },
      /maxObservationAgeMs: .* got Infinity/,
    ],
    ['a limit of age that is NaN', { maxObservationAgeMs: Number.NaN }, /maxObservationAgeMs: .* got NaN/],
    ['a watchdog that never acts', { watchdogMs: Infinity }, /watchdogMs: .* got Infinity/],
    ['a rate limit of zero', { actionRateLimits: [0] }, /actionRateLimits\[0\]/],
    [
      'an unbounded action space',
      { actionSpace: box([-Infinity], [1]) },
      /actionSpace.low: expected 1 finite/,
    ],
    [
      'integer actions',
      {
        actionSpace: {
          type: 'box',
          low: { dtype: 'int32', shape: [1], data: Int32Array.of(-1) },
          high: { dtype: 'int32', shape: [1], data: Int32Array.of(1) },
        },
      },
      /actionSpace: expected a Box of float32 or float64, got int32/,
    ],
  ])('refuse %s', async (_, change, message) => {
    await expect(startRobot({ ...good, ...change })).rejects.toThrow(code('INVALID_ARGUMENT', message));
  });

  it.each<[string, object, RegExp]>([
    [
      'a misspelt limit, which would be none',
      { actionRateLimit: [1] },
      /actionRateLimit: expected one of .*Limits/,
    ],
    [
      'misspelt bounds',
      { actionLimits: { low: [0], hihg: [1] } },
      /actionLimits.high: expected 1 finite numbers/,
    ],
    [
      'a number that is a text',
      { watchdogMs: '200' },
      /watchdogMs: expected a number of 60 or more, got 200/,
    ],
  ])('refuse %s', async (_, change, message) => {
    await expect(startRobot({ ...good, ...change })).rejects.toThrow(code('INVALID_ARGUMENT', message));
  });

  it('refuse a rule that there is not', async () => {
    const wrong = JSON.parse('{ "lateActions": "panic" }') as Partial<RobotOptions>;
    await expect(startRobot({ ...good, ...wrong })).rejects.toThrow(
      code('INVALID_ARGUMENT', /lateActions: expected hold, zero, safe, got panic/),
    );
  });

  it('pass on what the driver says when it cannot be opened', async () => {
    const broken = { ...driver, open: () => Promise.reject(new Error('no such port')) };
    await expect(startRobot({ ...good, driver: broken })).rejects.toThrow('no such port');
  });
});
