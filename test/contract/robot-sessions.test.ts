import { createEnvRegistry, SessionStore } from '@gymwire/env-server';
import { box, type GymwireError, isTensor, type Value } from '@gymwire/protocol';
import { type RobotOptions, startRobot } from '@gymwire/robot';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
// oxlint-disable-next-line no-restricted-imports -- the time and the driver of the robot's own tests
import { FakeDriver, ManualClock, settle } from '../../packages/robot/src/testing/fake-robot.ts';

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
