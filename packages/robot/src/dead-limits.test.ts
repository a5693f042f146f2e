/** What could keep a safety limit from acting without anybody's noticing. */
import { describe, expect, it } from 'vitest';
import { createRealClock } from './clock.ts';
import { ControlLoop } from './control-loop.ts';
import { createHeartbeat, HeartbeatMonitor, HeartbeatSender } from './heartbeat.ts';
import type { RobotDriver } from './robot-driver.ts';
import type { RobotEvent } from './robot-messages.ts';
import { LoopRig, settle } from './testing/fake-robot.ts';

async function readyRig(...args: ConstructorParameters<typeof LoopRig>): Promise<LoopRig> {
  const rig = new LoopRig(...args);
  await rig.ready();
  return rig;
}

/** Writes what it is told and answers with what a test wants. */
const answering =
  (answer: () => Promise<void>) =>
  (fake: LoopRig['driver']): RobotDriver => ({
    read: () => fake.read(),
    write(command, kind) {
      fake.write(command, kind);
      return kind === 'action' ? answer() : undefined;
    },
    emergencyStop: (reason) => fake.emergencyStop(reason),
  });

describe('a driver whose write answers with a promise', () => {
  it('is trusted while it is fulfilled', async () => {
    const rig = await readyRig(
      {},
      answering(async () => undefined),
    );
    for (let i = 0; i < 20; i++) {
      rig.act(1, 1);
      rig.clock.advance(40);
      await settle();
    }
    expect(rig.events.filter(({ kind }) => kind === 'emergency-stop')).toEqual([]);
  });

  it('is stopped when it is rejected, which must not end the process either', async () => {
    const rig = await readyRig(
      {},
      answering(() => Promise.reject(new Error('the bus is gone'))),
    );
    rig.act(1, 1);
    rig.clock.advance(20);
    await settle();
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    expect(rig.events).toContainEqual({
      kind: 'emergency-stop',
      reason: 'the driver could not write: the bus is gone',
    });
  });

  it('is stopped when it never comes to its end, and again when that goes on', async () => {
    const rig = await readyRig(
      {},
      answering(() => new Promise(() => undefined)),
    );
    for (let round = 0; round < 2; round++) {
      rig.act(1, 1);
      rig.clock.advance(20);
      for (let i = 0; i < 10; i++) {
        rig.clock.advance(20);
        // The watchdog has nothing to complain about.
        rig.act(1, 1);
      }
      expect(rig.driver.last).toMatch(/^(action|hold)/);
      rig.clock.advance(20);
      expect(rig.driver.last).toMatch(/^emergency-stop/);
      expect(rig.events.at(-2)).toEqual({
        kind: 'emergency-stop',
        reason: 'the driver could not write: it has not come to its end for 220 ms',
      });
      rig.loop.handle({ kind: 'clear-emergency-stop' });
      await rig.ready();
    }
  });
});

it('an emergency stop of the driver that is rejected is told, and the safe action stands in for it', async () => {
  const rig = await readyRig({}, (fake) => ({
    read: () => fake.read(),
    write: (command, kind) => fake.write(command, kind),
    emergencyStop: async () => {
      throw new Error('the bus is gone');
    },
  }));
  rig.loop.handle({ kind: 'emergency-stop', reason: 'test' });
  await settle();
  expect(rig.driver.last).toMatch(/^safe \[0.5, -0.5\]/);
  expect(rig.events.at(-1)).toEqual({
    kind: 'driver-fault',
    message: "the driver's emergencyStop failed: the bus is gone",
  });
});

describe('a command that no limit can make one of', () => {
  it.each([
    ['NaN', [Number.NaN, 0], /number 0 of the command is NaN/],
    ['an infinity', [0, Number.NEGATIVE_INFINITY], /number 1 of the command is -Infinity/],
    ['too few numbers', [0], /a command of 2 numbers, got 1/],
    ['too many numbers', [0, 0, 0], /a command of 2 numbers, got 3/],
  ])('%s: is no action, and fails the reset that gives it', async (_, values, message) => {
    const rig = await readyRig();
    expect(rig.failure(rig.act(...values))).toMatch(message);
    rig.clock.advance(40);
    rig.driver.onReset = ({ command }) => command(values);
    const id = rig.reset();
    await settle();
    rig.clock.advance(20);
    expect(rig.failure(id)).toMatch(message);
    for (const { command, kind } of rig.driver.written)
      expect([kind, command]).toEqual(['safe', [0.5, -0.5]]);
  });
});

it('an action that comes upon another one that is not answered yet does not leave its client waiting', async () => {
  const rig = await readyRig();
  const first = rig.act(0.1, 0.1);
  const second = rig.act(0.2, 0.2);
  expect(rig.failure(first)).toMatch(/another action came before this one was answered/);
  rig.clock.advance(40);
  expect(rig.observed(second)).toMatchObject({ stoppedBy: '' });
});

it('a tick that fails in some other way stops the robot, and does not end the ticks', async () => {
  const rig = new LoopRig();
  const events: RobotEvent[] = [];
  let isBroken = false;
  const tell = (event: RobotEvent) => {
    if (isBroken && event.kind === 'observed') throw new Error('nobody listens');
    events.push(event);
  };
  const settings = rig.settings;
  const loop = new ControlLoop(rig.driver, settings, rig.clock, tell);
  loop.start();
  loop.handle({ kind: 'reset', id: 1, seed: undefined, options: { kind: 'dict', entries: [] } });
  await settle();
  isBroken = true;
  rig.clock.advance(20);
  expect(events.at(-1)).toEqual({
    kind: 'emergency-stop',
    reason: 'the control loop failed: nobody listens',
  });
  rig.driver.take();
  rig.clock.advance(40);
  expect(rig.driver.take().filter((line) => line.startsWith('emergency-stop'))).toHaveLength(2);
});

it('a loop whose ticks are always late hears a stop all the same', async () => {
  const rig = new LoopRig();
  const clock = createRealClock();
  const until = (atMs: number) => {
    while (performance.now() < atMs);
  };
  let [reads, stops] = [0, 0];
  let onLate: () => void = () => undefined;
  const late = new Promise<void>((resolve) => (onLate = resolve));
  const driver: RobotDriver = {
    // Longer than a period.
    read: () => {
      until(performance.now() + 2);
      if (++reads === 3) onLate();
      return undefined;
    },
    write: () => undefined,
    emergencyStop: () => void (stops += 1),
  };
  const loop = new ControlLoop(driver, { ...rig.settings, periodMs: 1 }, clock, () => undefined);
  loop.start();
  await late;
  // Others come to their turn soon, not when the stack is full.
  expect(reads).toBeLessThan(100);
  loop.handle({ kind: 'emergency-stop', reason: 'test' });
  expect(stops).toBe(1);
  await loop.close();
});

describe('a heartbeat', () => {
  it('tells a loop that stands still from one that ticks, is ending, or was asleep with the machine', () => {
    const buffer = createHeartbeat();
    const [sender, monitor] = [new HeartbeatSender(buffer), new HeartbeatMonitor(buffer)];
    const look = () => {
      monitor.look();
      return monitor.isStill;
    };
    expect([look(), look()]).toEqual([false, false]);
    sender.beat();
    expect([look(), look()]).toEqual([false, false]);
    expect([look(), look()]).toEqual([true, true]);
    sender.beat();
    expect(look()).toBe(false);
    expect([look(), look()]).toEqual([false, true]);
    sender.end();
    expect(look()).toBe(false);
  });
});
